// The compiled script hands over what its top level declares, so that it can be frozen, or told apart by a search: nobody else
// comes at a constant that is not exported.
import type ts from 'typescript';
import { ALL } from './all-names.ts';
import { compiler } from './compiler.ts';

const MAP = '\n//# sourceMappingURL=';

/** `script`, which also puts what is declared at its top, by name, where `module.shared` is. */
export function sharing(script: string): string {
  return ending(script, `module.shared = { ${namesIn(script).join(', ')} };`);
}

/** The same for a module: an export more. */
export function exportingAll(script: string): string {
  return ending(script, `export const ${ALL} = [${namesIn(script).join(', ')}];`);
}

function ending(script: string, last: string): string {
  const at = script.lastIndexOf(MAP);
  return `${script.slice(0, at)}\n${last}${script.slice(at)}`;
}

function namesIn(text: string): string[] {
  const script = compiler.createSourceFile('script.js', text, compiler.ScriptTarget.Latest);
  const names: string[] = [];
  for (const statement of script.statements) {
    if (compiler.isVariableStatement(statement))
      for (const { name } of statement.declarationList.declarations) names.push(...namesOf(name));
    else if (compiler.isFunctionDeclaration(statement) || compiler.isClassDeclaration(statement))
      names.push(...(statement.name === undefined ? [] : [statement.name.text]));
  }
  return names;
}

/** All names that a declaration declares. */
export function namesOf(name: ts.BindingName): string[] {
  if (compiler.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((one) => (compiler.isBindingElement(one) ? namesOf(one.name) : []));
}
