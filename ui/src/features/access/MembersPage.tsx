import { Button, Modal } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { access, type Membership, ROLES, removeMember, setRoles } from '../../api/access';
import { Panel, Scroll } from '../../shared/bits';
import { Confirm } from '../../shared/Confirm';
import { Asked, Empty } from '../../shared/states';
import { Problem } from './Gate';
import { changedRoles, mayName, mayRemove } from './roles';
import '../../app/runs.css';
import '../../app/access.css';

const route = getRouteApi('/projects/$project');

/** Who has which roles in a project; its maintainers change them. */
export function MembersPage() {
  const { project } = route.useParams();
  const members = useQuery(access.members(project));
  const { data: me } = useQuery(access.me());
  const [editing, setEditing] = useState<Membership | 'new'>();
  const [removing, setRemoving] = useState<Membership>();
  const client = useQueryClient();
  const changed = () => client.invalidateQueries({ queryKey: ['access'] });
  const may = me && members.data ? mayName(me, project) : [];
  useEffect(() => {
    document.title = `Members of ${project} · Perennial`;
  }, [project]);
  return (
    <>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/projects">Projects</Link>
      </nav>
      <div className="page-head">
        <div className="titles">
          <h1 className="long-name">{project}</h1>
        </div>
        {may.length > 0 ? (
          <Button leftSection={<IconPlus size={16} stroke={2} aria-hidden />} onClick={() => setEditing('new')}>
            Add member
          </Button>
        ) : null}
      </div>
      <Panel title="Members">
        <Asked query={members} what="The list of members is" back={<Link to="/projects">Go to the projects</Link>}>
          {(all) =>
            all.length === 0 ? (
              <Empty title="Nobody has a role in this project">
                <p className="quiet">Administrators may do everything here without one.</p>
              </Empty>
            ) : (
              <List all={all} may={may} me={me?.user} edit={setEditing} remove={setRemoving} />
            )
          }
        </Asked>
      </Panel>
      {editing ? (
        <RolesDialog
          project={project}
          member={editing === 'new' ? undefined : editing}
          known={members.data ?? []}
          may={may}
          changed={changed}
          close={() => setEditing(undefined)}
        />
      ) : null}
      {removing ? (
        <Confirm
          title={`Remove ${removing.user} from ${project}?`}
          verb={`Remove ${removing.user}`}
          act={async () => {
            await removeMember(project, removing.user);
            await changed();
          }}
          close={() => setRemoving(undefined)}
        >
          <p>All roles in this project go: {removing.roles.join(', ')}. Grants on single objects stay. The ledger tells it.</p>
        </Confirm>
      ) : null}
    </>
  );
}

interface ListProps {
  all: Membership[];
  /** Roles that I may give and take. */
  may: readonly string[];
  me: string | undefined;
  edit: (member: Membership) => void;
  remove: (member: Membership) => void;
}

function List({ all, may, me, edit, remove }: ListProps) {
  return (
    <Scroll label="Members">
      <table className="grid">
        <thead>
          <tr>
            <th>User</th>
            <th>Roles</th>
            {may.length > 0 ? <th>Change</th> : null}
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.user}>
              <td className="title strong wrap-anywhere">{one.user}</td>
              <td>{one.roles.join(', ')}</td>
              {may.length > 0 ? (
                <td>
                  <div className="row">
                    <Button size="compact-sm" variant="default" aria-label={`Change the roles of ${one.user}`} onClick={() => edit(one)}>
                      Change roles
                    </Button>
                    {one.user === me || mayRemove(may, one.roles) ? (
                      <Button size="compact-sm" variant="default" aria-label={`Remove ${one.user}`} onClick={() => remove(one)}>
                        Remove
                      </Button>
                    ) : null}
                  </div>
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const ABOUT: Record<(typeof ROLES)[number], string> = {
  viewer: 'sees what the project holds',
  contributor: 'makes, logs and proposes',
  maintainer: 'deletes, deploys and grants',
  approver: 'signs the work of others',
};

interface DialogProps {
  project: string;
  /** Undefined: somebody new. */
  member: Membership | undefined;
  known: Membership[];
  /** Roles that I may give and take. */
  may: readonly string[];
  changed: () => Promise<void>;
  close: () => void;
}

function RolesDialog({ project, member, known, may, changed, close }: DialogProps) {
  const [user, setUser] = useState(member?.user ?? '');
  const [roles, setChosen] = useState(member?.roles ?? ['viewer']);
  const name = user.trim();
  const saving = useMutation({
    mutationFn: () => {
      if (!member && known.some((one) => one.user === name)) {
        throw new Error(`${name} is a member already; change the roles there.`);
      }
      return setRoles(project, name, roles);
    },
    onSuccess: async () => {
      close();
      await changed();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Modal opened onClose={close} title={member ? `Roles of ${member.user} in ${project}` : `Add a member to ${project}`}>
      <form className="stack" onSubmit={submit}>
        {member ? null : (
          <label className="stack-tight">
            User
            <input className="field" data-autofocus required value={user} onChange={(event) => setUser(event.currentTarget.value)} />
          </label>
        )}
        <fieldset className="roles">
          <legend>Roles</legend>
          {ROLES.map((role) => (
            <label key={role} className="row-tight">
              <input
                type="checkbox"
                checked={roles.includes(role)}
                disabled={!may.includes(role)}
                onChange={() => setChosen(changedRoles(roles, role))}
              />
              <span>
                {role} <span className="small quiet">{ABOUT[role]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {may.includes('approver') ? null : <p className="small quiet">Approvers are named, and removed, by administrators.</p>}
        <Problem error={saving.error} />
        <div className="row">
          <Button type="submit" loading={saving.isPending} disabled={name === '' || roles.length === 0}>
            {member ? 'Save the roles' : 'Add'}
          </Button>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
