/** Flow types are no JavaScript that any engine of ours reads; the pragma stands in the leading comments. */
export function isFlow(file: string, text: string): boolean {
  return /\.(?:[cm]?js|jsx)$/.test(file) && /^(?:#![^\n]*\n)?(?:\s|\/\/[^\n]*\n)*(?:\/\*(?:(?!\*\/)[^])*?@flow\b|\/\/[^\n]*@flow\b)/.test(text);
}
