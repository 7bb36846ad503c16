// The compiled script hands over what its top level declares, so that it can be frozen: nobody else comes at a constant that
// is not exported.
import type ts from 'typescript';
import { compiler } from './compiler.ts';

const MAP = '\n//# sourceMappingURL=';

/** `script`, which also puts what is declared at its top, by name, where `module.shared` is. */
export function sharing(script: string): string {
  const at = script.lastIndexOf(MAP);
  const names = namesIn(
    compiler.createSourceFile('script.js', script, compiler.ScriptTarget.Latest),
  );
  return `${script.slice(0, at)}\nmodule.shared = { ${names.join(', ')} };${script.slice(at)}`;
}

function namesIn(script: ts.SourceFile): string[] {
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
