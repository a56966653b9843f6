import { type Me, ROLES } from '../../api/access';

/** Who may change members of a project. Pure functions. */

/** The roles that I may give and take there: all for administrators, all but approver for maintainers, none for others. */
export function mayName(me: Pick<Me, 'administrator' | 'authenticated' | 'roles'>, project: string): readonly string[] {
  if (me.administrator || !me.authenticated) {
    return ROLES;
  }
  const maintainer = me.roles.some((one) => one.project === project && one.role === 'maintainer');
  return maintainer ? ROLES.filter((role) => role !== 'approver') : [];
}

/** Whether somebody with these roles can be removed by whoever may give and take those. */
export function mayRemove(may: readonly string[], roles: readonly string[]): boolean {
  return roles.every((role) => may.includes(role));
}

/** The roles with one more or one less, in the usual order. */
export function changedRoles(roles: readonly string[], role: string): string[] {
  return ROLES.filter((one) => roles.includes(one) !== (one === role));
}
