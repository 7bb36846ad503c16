// The editor: CodeMirror with TypeScript, and the complaints of the compiler on their lines.
import { javascript } from '@codemirror/lang-javascript';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import type { Complaint } from '../compiler/compile.ts';

/** Colours are those of the page's two schemes, as variables of its style. */
const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.className], color: 'var(--code-type)' },
]);

export class Editor {
  private readonly view: EditorView;
  private silent = false;

  constructor(parent: HTMLElement, onChange: () => void) {
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        extensions: [
          basicSetup,
          javascript({ typescript: true }),
          syntaxHighlighting(HIGHLIGHT),
          EditorView.contentAttributes.of({ 'aria-label': "the design's source", tabindex: '0' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !this.silent) onChange();
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Without telling anybody. */
  show(text: string): void {
    this.silent = true;
    const { length } = this.view.state.doc;
    this.view.dispatch({ changes: { from: 0, to: length, insert: text } });
    this.silent = false;
  }

  complain(complaint: Complaint | null): void {
    const { doc } = this.view.state;
    const marks = [];
    if (complaint !== null && complaint.line > 0) {
      const line = doc.line(Math.min(complaint.line, doc.lines));
      const from = Math.min(line.from + Math.max(0, complaint.column - 1), line.to);
      marks.push({ from, to: line.to, severity: 'error' as const, message: complaint.text });
    }
    this.view.dispatch(setDiagnostics(this.view.state, marks));
  }
}
