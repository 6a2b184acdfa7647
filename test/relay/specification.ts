/** The specification's example documents, to the letter. */
export const SPECIFICATION = {
  context: `{
  "team_id": "team1",
  "task_id": "TASK-API-01",
  "status": "in_progress",
  "phase": "implementation",
  "assigned_files": [
    "src/api/auth/endpoint.py",
    "tests/test_auth.py"
  ],
  "shared_resources": {
    "constants.py": {
      "locked_by": null,
      "lock_timestamp": null
    }
  },
  "implementation_details": {
    "files_created": [],
    "files_modified": [],
    "functions_added": [],
    "tests_written": [],
    "quality_results": {}
  },
  "persona_activation": {
    "active_personas": ["backend", "security"],
    "mcp_servers": ["context7", "sequential"],
    "complexity_score": 0.75
  },
  "quality_gates": {
    "syntax_validation": "pending",
    "type_verification": "pending",
    "lint_enforcement": "pending",
    "security_analysis": "pending",
    "test_coverage": "pending",
    "performance_check": "pending",
    "documentation_check": "pending",
    "integration_test": "pending"
  },
  "retry_count": 0,
  "max_retries": 3,
  "start_time": "2025-08-08T10:00:00Z",
  "end_time": null,
  "errors": [],
  "next_agent": null,
  "communication": {
    "messages_for_orchestrator": [],
    "dependencies_on_other_teams": [],
    "blockers": []
  }
}
`,
  coordination: `{
  "session_id": "multi_2025080810",
  "total_teams": 4,
  "active_teams": 3,
  "teams": {
    "team1": {
      "status": "ACTIVE",
      "task_id": "TASK-API-01",
      "phase": "implementation",
      "progress": 45,
      "last_update": "2025-08-08T10:15:00Z"
    },
    "team2": {
      "status": "ACTIVE",
      "task_id": "TASK-UI-02",
      "phase": "quality",
      "progress": 70,
      "last_update": "2025-08-08T10:16:00Z"
    },
    "team3": {
      "status": "ACTIVE",
      "task_id": "TASK-SEC-03",
      "phase": "testing",
      "progress": 90,
      "last_update": "2025-08-08T10:17:00Z"
    },
    "team4": {
      "status": "INACTIVE",
      "task_id": null,
      "phase": null,
      "progress": 0,
      "last_update": null
    }
  },
  "shared_resources": {
    "src/constants.py": {
      "locked_by": "team1",
      "lock_timestamp": "2025-08-08T10:14:30Z",
      "lock_duration_ms": 5000
    },
    "src/types.py": {
      "locked_by": null,
      "lock_timestamp": null,
      "lock_duration_ms": null
    }
  },
  "workflow_phases": [
    "implementation",
    "quality",
    "testing",
    "review",
    "report"
  ],
  "current_phase": "mixed",
  "overall_progress": 68,
  "quality_metrics": {
    "total_violations": 0,
    "tests_passed": 145,
    "tests_failed": 0,
    "coverage_percentage": 92.5
  }
}
`,
};
