/** Shapes of settings.json as people have them. Those of `DROPPED_SETTINGS` the client drops as a whole. */
export const SETTINGS_SHAPES: Readonly<Record<string, string>> = {
  'two blanks, a permission list and no hooks': `{
  "permissions": {
    "allow": ["Bash(npm run lint)", "Bash(npm test:*)", "Read(~/.zshrc)"],
    "deny": [
      "Bash(curl:*)",
      "Read(./.env)"
    ]
  },
  "env": { "NODE_ENV": "development" }
}
`,
  'hooks of their own, of the same events': `{
  "hooks": {
    "PostToolUse": [
      {
        "matcher": "Edit|Write",
        "hooks": [
          {
            "type": "command",
            "command": "jq -r '.tool_input.file_path' | { read f; npx prettier --write \\"$f\\"; }"
          }
        ]
      }
    ],
    "Stop": [
      { "hooks": [{ "type": "command", "command": "afplay /System/Library/Sounds/Glass.aiff" }] }
    ],
    "Notification": []
  },
  "model": "opus"
}
`,
  'tabs': '{\n\t"model": "sonnet",\n\t"hooks": {\n\t\t"SubagentStop": [\n\t\t\t{\n\t\t\t\t"matcher": "reviewer",\n\t\t\t\t"hooks": []\n\t\t\t}\n\t\t]\n\t}\n}\n',
  'four blanks and no line end at the end': '{\n    "cleanupPeriodDays": 30,\n    "includeCoAuthoredBy": false\n}',
  'lines as Windows ends them, with a byte order mark': '\uFEFF{\r\n  "permissions": {\r\n    "defaultMode": "acceptEdits"\r\n  },\r\n  "hooks": {\r\n    "SessionStart": []\r\n  }\r\n}\r\n',
  'on one line': '{"permissions":{"allow":["Bash(ls:*)"]},"hooks":{"Stop":[{"hooks":[{"type":"command","command":"say done"}]}]}}',
  'on one line with blanks': '{ "model": "haiku", "hooks": {}, "env": {"A": "1"} }\n',
  'empty': '{}',
  'empty, with room': '{\n\n}\n\n\n',
  'characters of all kinds, escapes, odd blanks': '{\n  "env" : {"GREETING":"\\u00fcber \\ud83d\\ude80", "NAME": "数\u2028e\u0301 🚀"},\n\n  "statusLine": { "type": "command" , "command": "~/.claude/status.sh \\"x\\"" }  \n\n\n  ,"spinnerTipsEnabled":false }   \n',
  'marketplaces and plugins': `{
  "extraKnownMarketplaces": {
    "acme": {
      "source": { "source": "github", "repo": "acme/plugins" }
    }
  },
  "enabledPlugins": {
    "formatter@acme": true,
    "deployer@acme": false
  },
  "unknownOfALaterVersion": [1, 2.50, 1e3, null]
}
`,
  'a matcher group of mixed indentation': '{\n  "hooks": {\n      "PreToolUse": [\n  {"matcher": "Bash",\n   "hooks": [{"type": "command", "command": "./guard.sh", "timeout": 5}]}\n          ]\n    }\n}\n',
};

export const DROPPED_SETTINGS: Readonly<Record<string, readonly [text: string, problem: string]>> = {
  'a comment': ['{\n  // ours\n  "model": "opus"\n}\n', 'it is not valid JSON ('],
  'a comma too many': ['{ "model": "opus", }\n', 'it is not valid JSON ('],
  'cut off': ['{ "model": ', 'it is not valid JSON ('],
  'a list': ['[]\n', 'the whole is not what the client takes ('],
  'a permission list that is a word': ['{ "permissions": { "allow": "Bash" } }\n', 'permissions.allow is not what the client takes ('],
  'a model that is a number': ['{ "model": 5 }\n', 'model is not what the client takes ('],
  'hooks that are a list': ['{ "hooks": [] }\n', 'hooks is not what the client takes ('],
  'a key twice': ['{ "hooks": {}, "hooks": {} }\n', 'it has the key "hooks" twice'],
  'hooks switched off': ['{ "disableAllHooks": true }\n', 'disableAllHooks is true'],
};
