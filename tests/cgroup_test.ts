/**
 * What paths of cgroups tell: each row of systemd's, of the runtimes' and of Kubernetes'
 * layouts, and whatever somebody may write behind them.
 */

import assert from "node:assert/strict";
import { locate, type Located, pathIn } from "../core/joins/cgroup.ts";
import { cgroupMounts } from "../core/system/cgroups.ts";

const ID = "9ec39b91a3cd4b6a8ce5a6ba8b0e5ee4b0b8d4e2a5e0a7c0b1f7d4e9c2a35f60";
const OTHER =
  "2227daf62b4e5645fee5df53c1f91271546a9560e8600a525690ae252b7f63d1";
const POD = "90d81341-92de-11e7-8cf2-507b9d4141fa";
const POD_ = POD.replaceAll("-", "_");
const STATIC_POD = "0123456789abcdef0123456789abcdef";

/** What is told of a path, without what is not. */
interface Told {
  unit?: string;
  slice?: string;
  user_unit?: string;
  user?: number;
  session?: string;
  /** Runtime, and id or name. */
  container?: readonly [string | null, string];
  pod?: string;
  manages?: true;
}

function toldOf(located: Located): Told {
  const { unit, slice, userUnit, user, session, pod, manages } = located;
  const { container } = located;
  return {
    ...(unit !== null && { unit }),
    ...(slice !== null && { slice }),
    ...(userUnit !== null && { user_unit: userUnit }),
    ...(user !== null && { user }),
    ...(session !== null && { session }),
    ...(container !== undefined && {
      container: [container.runtime, (container.id ?? container.name)!],
    }),
    ...(pod !== null && { pod }),
    ...(manages && { manages }),
  };
}

const PATHS: readonly { name: string; path: string; want: Told }[] = [
  // units
  { name: "the root", path: "/", want: {} },
  {
    name: "a service",
    path: "/system.slice/nginx.service",
    want: { unit: "nginx.service", slice: "system.slice" },
  },
  {
    name: "a service of a template",
    path: "/system.slice/system-getty.slice/getty@tty1.service",
    want: { unit: "getty@tty1.service", slice: "system-getty.slice" },
  },
  {
    name: "escapes; a - that stands for a / stays",
    path:
      "/system.slice/system-systemd\\x2dfsck.slice/systemd-fsck@dev-disk-by\\x2duuid-1.service",
    want: {
      unit: "systemd-fsck@dev-disk-by-uuid-1.service",
      slice: "system-systemd-fsck.slice",
    },
  },
  {
    name: "a name that the kernel could take for its own",
    path: "/system.slice/_cpu.service",
    want: { unit: "cpu.service", slice: "system.slice" },
  },
  {
    name: "a socket",
    path: "/system.slice/ssh.socket",
    want: { unit: "ssh.socket", slice: "system.slice" },
  },
  {
    name: "a mount and a swap",
    path: "/system.slice/boot-efi.mount",
    want: { unit: "boot-efi.mount", slice: "system.slice" },
  },
  {
    name: "a swap",
    path: "/system.slice/dev-sda2.swap",
    want: { unit: "dev-sda2.swap", slice: "system.slice" },
  },
  {
    name: "a slice",
    path: "/user.slice",
    want: { unit: "user.slice", slice: "user.slice" },
  },
  {
    name: "what a service has made below itself, in whatever name",
    path: "/system.slice/evil.service/nginx.service",
    want: { unit: "evil.service", slice: "system.slice" },
  },
  {
    name: "the service manager",
    path: "/init.scope",
    want: { manages: true },
  },
  { name: "OpenRC", path: "/openrc.sshd", want: {} },
  {
    name: "a unit that is not where systemd has any",
    path: "/other/system.slice/nginx.service",
    want: {},
  },
  {
    name: "a login session",
    path: "/user.slice/user-1000.slice/session-3.scope",
    want: {
      unit: "session-3.scope",
      slice: "user-1000.slice",
      session: "3",
    },
  },
  {
    name: "a display manager's session",
    path: "/user.slice/user-116.slice/session-c1.scope",
    want: {
      unit: "session-c1.scope",
      slice: "user-116.slice",
      session: "c1",
    },
  },
  {
    name: "an app of a user",
    path: "/user.slice/user-1000.slice/user@1000.service/app.slice/" +
      "app-gnome-org.gnome.Terminal-1234.scope",
    want: {
      unit: "user@1000.service",
      slice: "user-1000.slice",
      user_unit: "app-gnome-org.gnome.Terminal-1234.scope",
      user: 1000,
    },
  },
  {
    name: "a user's service manager",
    path: "/user.slice/user-1000.slice/user@1000.service/init.scope",
    want: {
      unit: "user@1000.service",
      slice: "user-1000.slice",
      user: 1000,
      manages: true,
    },
  },
  {
    name: "a snap's service",
    path: "/system.slice/snap.lxd.daemon.service",
    want: { unit: "snap.lxd.daemon.service", slice: "system.slice" },
  },
  {
    name: "a snap's app",
    path: "/user.slice/user-1000.slice/user@1000.service/app.slice/" +
      "snap.firefox.firefox-0fd9ebc9-26d5-4a35-a1b8-3ddcb5a4ed8a.scope",
    want: {
      unit: "user@1000.service",
      slice: "user-1000.slice",
      user_unit:
        "snap.firefox.firefox-0fd9ebc9-26d5-4a35-a1b8-3ddcb5a4ed8a.scope",
      user: 1000,
    },
  },
  {
    name: "a flatpak",
    path: "/user.slice/user-1000.slice/user@1000.service/app.slice/" +
      "app-flatpak-org.mozilla.firefox-4711.scope",
    want: {
      unit: "user@1000.service",
      slice: "user-1000.slice",
      user_unit: "app-flatpak-org.mozilla.firefox-4711.scope",
      user: 1000,
    },
  },
  {
    name: "a terminal's tab",
    path: "/user.slice/user-1000.slice/user@1000.service/app.slice/" +
      "app-org.gnome.Terminal.slice/" +
      "vte-spawn-77ae3b5c-25bf-4af5-ae09-bb1bbd9b1d2d.scope",
    want: {
      unit: "user@1000.service",
      slice: "user-1000.slice",
      user_unit: "vte-spawn-77ae3b5c-25bf-4af5-ae09-bb1bbd9b1d2d.scope",
      user: 1000,
    },
  },
  // containers, by the rows of the runtimes' layouts
  {
    name: "1: docker, by systemd",
    path: `/system.slice/docker-${ID}.scope`,
    want: {
      unit: `docker-${ID}.scope`,
      slice: "system.slice",
      container: ["docker", ID],
    },
  },
  {
    name: "1: docker of a user",
    path: "/user.slice/user-1000.slice/user@1000.service/user.slice/" +
      `docker-${ID}.scope`,
    want: {
      unit: "user@1000.service",
      slice: "user-1000.slice",
      user_unit: `docker-${ID}.scope`,
      user: 1000,
      container: ["docker", ID],
    },
  },
  {
    name: "2: docker, by folders",
    path: `/docker/${ID}`,
    want: { container: ["docker", ID] },
  },
  {
    name: "2: docker, with a systemd in it",
    path: `/docker/${ID}/system.slice/nginx.service`,
    want: { container: ["docker", ID] },
  },
  {
    name: "2: docker, with a service manager in it",
    path: `/docker/${ID}/init.scope`,
    want: { container: ["docker", ID], manages: true },
  },
  {
    name: "2: docker in docker is the affair of the first",
    path: `/docker/${ID}/docker/${OTHER}`,
    want: { container: ["docker", ID] },
  },
  {
    name: "2: a container that calls itself another one",
    path: `/system.slice/docker-${ID}.scope/docker-${OTHER}.scope`,
    want: {
      unit: `docker-${ID}.scope`,
      slice: "system.slice",
      container: ["docker", ID],
    },
  },
  {
    name: "3: containerd of Kubernetes, by systemd",
    path: "/kubepods.slice/kubepods-burstable.slice/" +
      `kubepods-burstable-pod${POD_}.slice/cri-containerd-${ID}.scope`,
    want: {
      unit: `cri-containerd-${ID}.scope`,
      slice: `kubepods-burstable-pod${POD_}.slice`,
      container: ["containerd", ID],
      pod: POD,
    },
  },
  {
    name: "3: a pod that is guaranteed",
    path:
      `/kubepods.slice/kubepods-pod${POD_}.slice/cri-containerd-${ID}.scope`,
    want: {
      unit: `cri-containerd-${ID}.scope`,
      slice: `kubepods-pod${POD_}.slice`,
      container: ["containerd", ID],
      pod: POD,
    },
  },
  {
    name: "3: nerdctl",
    path: `/system.slice/nerdctl-${ID}.scope`,
    want: {
      unit: `nerdctl-${ID}.scope`,
      slice: "system.slice",
      container: ["containerd", ID],
    },
  },
  {
    name: "4: systemd's way to write it, by folders: colons",
    path: "/system.slice/containerd.service/" +
      `kubepods-besteffort-pod${POD_}.slice:cri-containerd:${ID}`,
    want: {
      unit: "containerd.service",
      slice: "system.slice",
      container: ["containerd", ID],
      pod: POD,
    },
  },
  {
    name: "4: of a runtime that nobody knows",
    path: `/system.slice:other:${ID}`,
    want: { container: [null, ID] },
  },
  {
    name: "5: CRI-O",
    path: "/kubepods.slice/kubepods-burstable.slice/" +
      `kubepods-burstable-pod${POD_}.slice/crio-${ID}.scope`,
    want: {
      unit: `crio-${ID}.scope`,
      slice: `kubepods-burstable-pod${POD_}.slice`,
      container: ["crio", ID],
      pod: POD,
    },
  },
  {
    name: "5: what watches it",
    path: "/kubepods.slice/kubepods-burstable.slice/" +
      `kubepods-burstable-pod${POD_}.slice/crio-conmon-${ID}.scope`,
    want: {
      unit: `crio-conmon-${ID}.scope`,
      slice: `kubepods-burstable-pod${POD_}.slice`,
      pod: POD,
    },
  },
  {
    name: "6: Podman",
    path: `/machine.slice/libpod-${ID}.scope/container`,
    want: {
      unit: `libpod-${ID}.scope`,
      slice: "machine.slice",
      container: ["podman", ID],
    },
  },
  {
    name: "6: Podman of a user",
    path: "/user.slice/user-1000.slice/user@1000.service/user.slice/" +
      `libpod-${ID}.scope/container`,
    want: {
      unit: "user@1000.service",
      slice: "user-1000.slice",
      user_unit: `libpod-${ID}.scope`,
      user: 1000,
      container: ["podman", ID],
    },
  },
  {
    name: "6: a pod of Podman",
    path: `/machine.slice/machine-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`,
    want: {
      unit: `libpod-${ID}.scope`,
      slice: `machine-libpod_pod_${OTHER}.slice`,
      container: ["podman", ID],
    },
  },
  {
    name: "6: what watches it",
    path: `/machine.slice/libpod-conmon-${ID}.scope`,
    want: { unit: `libpod-conmon-${ID}.scope`, slice: "machine.slice" },
  },
  {
    name: "7: Podman, by folders",
    path: `/libpod_parent/libpod-${ID}`,
    want: { container: ["podman", ID] },
  },
  {
    name: "7: a pod of Podman, by folders",
    path: `/libpod_parent/${OTHER}/libpod-${ID}`,
    want: { container: ["podman", ID] },
  },
  {
    name: "8: LXC",
    path: "/lxc.payload.gha-fleet_worker/system.slice/nginx.service",
    want: { container: ["lxc", "gha-fleet_worker"] },
  },
  {
    name: "8: LXC, in a folder",
    path: "/lxc.payload/web/init.scope",
    want: { container: ["lxc", "web"], manages: true },
  },
  {
    name: "9: LXC of old, and Proxmox",
    path: "/lxc/101/ns/system.slice/ssh.service",
    want: { container: ["lxc", "101"] },
  },
  { name: "9: what watches it", path: "/lxc.monitor.web", want: {} },
  {
    name: "9: what watches it, in a folder",
    path: "/lxc.monitor/web",
    want: {},
  },
  {
    name: "10: a machine of nspawn",
    path: "/machine.slice/machine-a\\x2db.scope/payload",
    want: {
      unit: "machine-a-b.scope",
      slice: "machine.slice",
      container: ["nspawn", "a-b"],
    },
  },
  {
    name: "10: what watches it",
    path: "/machine.slice/machine-web.scope/supervisor",
    want: { unit: "machine-web.scope", slice: "machine.slice" },
  },
  {
    name: "10: a virtual machine of libvirt",
    path: "/machine.slice/machine-qemu\\x2d18\\x2dtest10.scope/libvirt",
    want: {
      unit: "machine-qemu-18-test10.scope",
      slice: "machine.slice",
      container: ["libvirt", "test10"],
    },
  },
  {
    name: "10: a container of libvirt",
    path: "/machine.slice/machine-lxc\\x2d7\\x2dweb\\x2d1.scope/libvirt",
    want: {
      unit: "machine-lxc-7-web-1.scope",
      slice: "machine.slice",
      container: ["libvirt-lxc", "web-1"],
    },
  },
  {
    name: "10: such a name elsewhere is no machine",
    path: "/system.slice/machine-web.scope",
    want: { unit: "machine-web.scope", slice: "system.slice" },
  },
  {
    name: "11: nspawn as a service",
    path: "/machine.slice/systemd-nspawn@my\\x2dweb.service/payload/" +
      "system.slice/nginx.service",
    want: {
      unit: "systemd-nspawn@my-web.service",
      slice: "machine.slice",
      container: ["nspawn", "my-web"],
    },
  },
  {
    name: "11: what watches it",
    path: "/machine.slice/systemd-nspawn@web.service/supervisor",
    want: { unit: "systemd-nspawn@web.service", slice: "machine.slice" },
  },
  {
    name: "12: Kubernetes, by folders",
    path: `/kubepods/burstable/pod${POD}/${ID}`,
    want: { container: [null, ID], pod: POD },
  },
  {
    name: "12: a static pod",
    path: `/kubepods/pod${STATIC_POD}/${ID}`,
    want: { container: [null, ID], pod: STATIC_POD },
  },
  {
    name: "12: Kubernetes in docker",
    path: `/docker/${OTHER}/kubelet/kubepods/besteffort/pod${POD}/${ID}`,
    want: { container: ["docker", OTHER] },
  },
  {
    name: "12: a pod that a container claims to be in",
    path: `/docker/${ID}/kubepods/pod${POD}`,
    want: { container: ["docker", ID] },
  },
  {
    name: "13: Amazon ECS",
    path: "/ecs/03752a671e744971a862edcee6195646/" +
      "03752a671e744971a862edcee6195646-4015103728",
    want: {
      container: ["ecs", "03752a671e744971a862edcee6195646-4015103728"],
    },
  },
  {
    name: "13: Amazon ECS, with docker's id",
    path: `/ecs/03752a671e744971a862edcee6195646/${ID}`,
    want: { container: ["ecs", ID] },
  },
  {
    name: "14: garden",
    path: "/garden/0a1b2c3d",
    want: { container: ["garden", "0a1b2c3d"] },
  },
  {
    name: "14: BuildKit",
    path: "/docker/buildkit/nzoj1p6r5d0ri5r10xpcfx6pl",
    want: { container: ["buildkit", "nzoj1p6r5d0ri5r10xpcfx6pl"] },
  },
  {
    name: "14: a job of GitHub's",
    path: `/actions_job/${ID}`,
    want: { container: [null, ID] },
  },
  {
    name: "14: a job of Azure's",
    path: `/azpl_job/${ID}`,
    want: { container: [null, ID] },
  },
  {
    name: "14: what holds Podman's namespaces",
    path: "/user.slice/user-1000.slice/user@1000.service/user.slice/" +
      "podman-4711.scope",
    want: {
      unit: "user@1000.service",
      slice: "user-1000.slice",
      user_unit: "podman-4711.scope",
      user: 1000,
    },
  },
  {
    name: "15: an id and nothing more",
    path: `/${ID}`,
    want: { container: [null, ID] },
  },
  // paths of another kind
  {
    name: "a cgroup that was removed",
    path: "/system.slice/nginx.service (deleted)",
    want: { unit: "nginx.service", slice: "system.slice" },
  },
  {
    name: "outside of the reader's namespace",
    path: "/../../system.slice/nginx.service",
    want: { unit: "nginx.service", slice: "system.slice" },
  },
  {
    name: "a neighbour",
    path: `/../docker-${ID}.scope`,
    want: { unit: `docker-${ID}.scope`, container: ["docker", ID] },
  },
  { name: "somewhere outside", path: "/..", want: {} },
  { name: "somewhere outside, removed", path: "/../.. (deleted)", want: {} },
  {
    name: "dots that belong to a name",
    path: "/..x/a.service",
    want: {},
  },
  // somebody's
  {
    name: "ids of a wrong length, or with capitals",
    path: `/docker/${ID.slice(1)}`,
    want: {},
  },
  {
    name: "an id with capitals",
    path: `/docker-${ID.toUpperCase()}.scope`,
    want: { unit: `docker-${ID.toUpperCase()}.scope` },
  },
  {
    name: "control bytes, as they are and escaped",
    path: "/system.slice/\x1b[31m\\x1b\\x00\xff.service",
    want: { unit: "\x1b[31m\x1b\0\xff.service", slice: "system.slice" },
  },
  {
    name: "an escape that is none",
    path: "/system.slice/a\\x2.service",
    want: { unit: "a\\x2.service", slice: "system.slice" },
  },
  { name: "only a suffix", path: "/.service", want: {} },
  {
    name: "a user id that is too long",
    path: `/user.slice/user@${"9".repeat(400)}.service/a.service`,
    want: { unit: `user@${"9".repeat(400)}.service`, slice: "user.slice" },
  },
  { name: "nothing", path: "", want: {} },
  { name: "slashes", path: "////", want: {} },
  {
    name: "names of objects",
    path: `/x.slice:constructor:${ID}`,
    want: { container: [null, ID] },
  },
];

for (const { name, path, want } of PATHS) {
  Deno.test(`locate: ${name}`, () => {
    assert.deepEqual(toldOf(locate(path)), want);
  });
}

Deno.test("locate: long paths take no long time", () => {
  const segments = ["a.slice/", "docker/", "x:y:", "-pod", "machine-", "\\x2d"];
  for (const segment of segments) {
    const start = performance.now();
    locate(`/${segment.repeat(20_000)}`);
    assert.ok(performance.now() - start < 500, segment);
  }
});

const FILES: readonly { name: string; text: string; want?: string }[] = [
  {
    name: "version 2",
    text: "0::/system.slice/nginx.service\n",
    want: "/system.slice/nginx.service",
  },
  { name: "version 2, at the root", text: "0::/\n", want: "/" },
  {
    name: "version 1 with systemd",
    text: "11:pids:/system.slice/nginx.service\n" +
      "3:cpu,cpuacct:/system.slice\n" +
      "1:name=systemd:/system.slice/nginx.service\n",
    want: "/system.slice/nginx.service",
  },
  {
    name: "hybrid",
    text: "12:memory:/system.slice/ssh.service\n" +
      "1:name=systemd:/system.slice/ssh.service\n" +
      "0::/system.slice/ssh.service\n",
    want: "/system.slice/ssh.service",
  },
  {
    name: "hybrid, and nobody uses version 2",
    text: "1:name=systemd:/user.slice/user-0.slice/session-1.scope\n0::/\n",
    want: "/user.slice/user-0.slice/session-1.scope",
  },
  {
    name: "hybrid, and the container is in version 1 only",
    text: `4:memory:/docker/${ID}\n1:name=systemd:/docker/${ID}\n` +
      "0::/system.slice/containerd.service\n",
    want: `/docker/${ID}`,
  },
  {
    name: "without systemd: the longest of those that tell most",
    text: `9:freezer:/not/this/one/although/it/is/the/longest/of/all/here\n` +
      `8:pids:/a\n5:devices:/docker/x\n4:memory:/docker\n0::/\n`,
    want: "/docker/x",
  },
  {
    name: "controllers together",
    text: "2:cpu,cpuacct:/docker/x\n",
    want: "/docker/x",
  },
  {
    name: "no controller that tells",
    text: "9:perf_event:/a\n",
  },
  {
    name: "colons in the path",
    text: `0::/system.slice:docker:${ID}\n`,
    want: `/system.slice:docker:${ID}`,
  },
  {
    name: "colons, in version 1",
    text: `1:name=systemd:/a:b:c\n`,
    want: "/a:b:c",
  },
  {
    name: "removed",
    text: "0::/system.slice/a.service (deleted)\n",
    want: "/system.slice/a.service (deleted)",
  },
  { name: "without a newline", text: "0::/a.slice", want: "/a.slice" },
  { name: "nothing", text: "" },
  { name: "noise", text: "\0\xff:\n::\nx::/a\n0:/a\n0::a\n" },
  {
    name: "the first of two",
    text: "0::/a.slice\n0::/b.slice\n",
    want: "/a.slice",
  },
];

for (const { name, text, want } of FILES) {
  Deno.test(`pathIn: ${name}`, () => assert.equal(pathIn(text), want));
}

Deno.test("pathIn: cut at every byte, it is still a path or nothing", () => {
  for (const { text } of FILES) {
    for (let end = 0; end < text.length; end++) {
      const path = pathIn(text.slice(0, end));
      assert.ok(path === undefined || path.startsWith("/"), path);
    }
  }
});

Deno.test("cgroupMounts: version 2, of the root first, unescaped", () => {
  const info = [
    "30 23 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755",
    "31 30 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw",
    "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd",
    "33 30 0:27 /a\\040b /mnt/with\\040blank\\134 rw - cgroup2 none rw",
    "34 30 0:27 /../.. /c2 rw master:1 propagate_from:2 - cgroup2 none rw",
    "35 30 0:29 / /x - cgroup2",
    "nonsense",
    "",
  ].join("\n");
  assert.deepEqual(cgroupMounts(info), [
    { at: "/sys/fs/cgroup/unified", root: "/" },
    { at: "/mnt/with blank\\", root: "/a b" },
    { at: "/c2", root: "/../.." },
  ]);
});
