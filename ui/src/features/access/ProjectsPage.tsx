import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { access } from '../../api/access';
import { Ago, Scroll } from '../../shared/bits';
import { Asked } from '../../shared/states';
import { useListKeys } from '../../shared/useListKeys';

/** The projects that I may see; their members are one click away. */
export function ProjectsPage() {
  const projects = useQuery(access.projects());
  const keys = useListKeys();
  useEffect(() => {
    document.title = 'Projects · Perennial';
  }, []);
  return (
    <>
      <div className="page-head">
        <div className="titles">
          <h1>Projects</h1>
        </div>
      </div>
      <div className="panel">
        <Asked query={projects} what="The list of projects is">
          {(all) => (
            <Scroll label="Projects">
              <table className="grid">
                <thead>
                  <tr>
                    <th>Project</th>
                    <th>Description</th>
                    <th>Made</th>
                  </tr>
                </thead>
                <tbody onKeyDown={keys}>
                  {all.map((one) => (
                    <tr key={one.name}>
                      <td className="title">
                        <Link to="/projects/$project" params={{ project: one.name }} className="strong wrap-anywhere" data-row>
                          {one.name}
                        </Link>
                      </td>
                      <td className="wrap-anywhere">{one.description}</td>
                      <td>{one.createdAt > 0 ? <Ago at={one.createdAt} /> : <span className="quiet">with the server</span>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          )}
        </Asked>
      </div>
    </>
  );
}
