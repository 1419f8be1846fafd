/**
 * Whose sockets are: units, containers and pods of saved trees, whose files are in the
 * formats that the runtimes write.
 */

import assert from "node:assert/strict";
import type { Long } from "../core/contract/family.ts";
import { Places } from "../core/joins/place.ts";
import { findOwners } from "../core/joins/owners.ts";
import { Failure } from "../core/system/failures.ts";
import { Tree } from "../core/system/scan.ts";
import { netstat } from "./program.ts";
import { withTree } from "./trees.ts";

const ID = "9ec39b91a3cd4b6a8ce5a6ba8b0e5ee4b0b8d4e2a5e0a7c0b1f7d4e9c2a35f60";
const OTHER =
  "2227daf62b4e5645fee5df53c1f91271546a9560e8600a525690ae252b7f63d1";
const POD = "4fe556a4-0bd7-45be-966f-46e2cbf4c4ac";
const KUBEPODS = `/kubepods.slice/kubepods-pod${
  POD.replaceAll("-", "_")
}.slice`;
const USER = "/user.slice/user-1000.slice/user@1000.service/user.slice";

/**
 * `config.v2.json`, as Docker 27 writes it: the fields that are read, and some around
 * them. Documented by `docker inspect`, which shows the same names.
 */
function docker(id: string, name: string, labels = {}): string {
  return JSON.stringify({
    StreamConfig: {},
    State: { Running: true, Pid: 4711, ExitCode: 0 },
    ID: id,
    Created: "2026-11-25T10:00:00.000000000Z",
    Path: "nginx",
    Config: { Hostname: id.slice(0, 12), Image: "nginx", Labels: labels },
    Name: `/${name}`,
    Driver: "overlay2",
  });
}

/** `containers.json`, as Podman 5.4.2 (containers/storage) wrote it. */
function podman(id: string, name: string): string {
  return `[{"id":"${id}","names":["${name}"],"image":"057bb2457f9c",` +
    `"layer":"2d831994861e","metadata":"{\\"image-name\\":\\"localhost/bb:1\\",` +
    `\\"name\\":\\"${name}\\",\\"created-at\\":1795648038}",` +
    `"created":"2026-11-25T23:07:18.003796257Z",` +
    `"flags":{"MountLabel":"","ProcessLabel":""}}]`;
}

/** `config.json` of the OCI, with the annotations of a runtime. */
function oci(annotations: Record<string, string>): string {
  return JSON.stringify({
    ociVersion: "1.1.0",
    process: { args: ["nginx"] },
    hostname: "of-the-container",
    annotations,
    linux: { cgroupsPath: "x" },
  });
}

/** As in github.com/containerd/containerd/pull/7735. */
const CONTAINERD = oci({
  "io.kubernetes.cri.container-name": "nginx",
  "io.kubernetes.cri.container-type": "container",
  "io.kubernetes.cri.image-name": "mirror.gcr.io/library/nginx:latest",
  "io.kubernetes.cri.sandbox-id": OTHER,
  "io.kubernetes.cri.sandbox-name": "web-5c8c71de",
  "io.kubernetes.cri.sandbox-namespace": "shop",
  "io.kubernetes.cri.sandbox-uid": POD,
});

/** As in github.com/cri-o/cri-o/pull/943, where labels are annotations, too. */
const CRIO = oci({
  "io.container.manager": "cri-o",
  "io.kubernetes.container.name": "kubedns",
  "io.kubernetes.cri-o.ContainerName":
    "k8s_kubedns_kube-dns-49d91_kube-system_5c8c71de_0",
  "io.kubernetes.pod.name": "kube-dns-49d91",
  "io.kubernetes.pod.namespace": "kube-system",
  "io.kubernetes.pod.uid": "5c8c71de-9fef-11e7-8181-54ee75105a2b",
});

const PASSWD = "root:x:0:0:root:/root:/bin/bash\n" +
  "ann:x:1000:1000:Ann,,,:/home/ann:/bin/bash\n" +
  "eve:x:1001:1001::/home/../root:/bin/bash\n";

/** Container, runtime, pod, its namespace; null is `-`. */
type Want = readonly [string, string, string?, string?];

const NAMES: readonly {
  name: string;
  cgroup: string;
  files?: Record<string, string>;
  want: Want;
}[] = [
  {
    name: "docker",
    cgroup: `/system.slice/docker-${ID}.scope`,
    files: {
      [`var/lib/docker/containers/${ID}/config.v2.json`]: docker(ID, "web-1"),
    },
    want: ["web-1", "docker"],
  },
  {
    name: "docker, elsewhere",
    cgroup: `/docker/${ID}`,
    files: {
      "etc/docker/daemon.json": `{ "data-root": "/srv/docker/" }`,
      [`srv/docker/containers/${ID}/config.v2.json`]: docker(ID, "web-1"),
      [`var/lib/docker/containers/${ID}/config.v2.json`]: docker(ID, "old"),
    },
    want: ["web-1", "docker"],
  },
  {
    name: "docker, where an older one had it",
    cgroup: `/docker/${ID}`,
    files: {
      "etc/docker/daemon.json": `{ "graph": "/srv/docker" }`,
      [`srv/docker/containers/${ID}/config.v2.json`]: docker(ID, "web-1"),
    },
    want: ["web-1", "docker"],
  },
  {
    name: "docker, of a snap",
    cgroup: `/docker/${ID}`,
    files: {
      [
        `var/snap/docker/common/var-lib-docker/containers/${ID}/config.v2.json`
      ]: docker(ID, "web-1"),
    },
    want: ["web-1", "docker"],
  },
  {
    name: "docker of a user",
    cgroup: `${USER}/docker-${ID}.scope`,
    files: {
      "etc/passwd": PASSWD,
      [`home/ann/.local/share/docker/containers/${ID}/config.v2.json`]: docker(
        ID,
        "mine",
      ),
    },
    want: ["mine", "docker"],
  },
  {
    name: "a user's cgroup with the id of a container that is not his",
    cgroup: `${USER}/docker-${ID}.scope`,
    files: {
      "etc/passwd": PASSWD,
      [`var/lib/docker/containers/${ID}/config.v2.json`]: docker(ID, "web-1"),
    },
    want: [ID.slice(0, 12), "docker"],
  },
  {
    name: "docker of Kubernetes",
    cgroup: `${KUBEPODS}/docker-${ID}.scope`,
    files: {
      [`var/lib/docker/containers/${ID}/config.v2.json`]: docker(
        ID,
        "k8s_nginx_web_shop_1_0",
        {
          "io.kubernetes.container.name": "nginx",
          "io.kubernetes.pod.name": "web",
          "io.kubernetes.pod.namespace": "shop",
        },
      ),
    },
    want: ["nginx", "docker", "web", "shop"],
  },
  {
    name: "docker without its file",
    cgroup: `/docker/${ID}`,
    want: [ID.slice(0, 12), "docker"],
  },
  {
    name: "Podman",
    cgroup: `/machine.slice/libpod-${ID}.scope/container`,
    files: {
      "var/lib/containers/storage/overlay-containers/containers.json": podman(
        ID,
        "web-1",
      ),
    },
    want: ["web-1", "podman"],
  },
  {
    name: "Podman, --rm",
    cgroup: `/libpod_parent/libpod-${ID}`,
    files: {
      "var/lib/containers/storage/overlay-containers/containers.json": podman(
        OTHER,
        "other",
      ),
      "var/lib/containers/storage/overlay-containers/volatile-containers.json":
        podman(ID, "tmp"),
    },
    want: ["tmp", "podman"],
  },
  {
    name: "Podman, elsewhere and by another driver",
    cgroup: `/libpod_parent/libpod-${ID}`,
    files: {
      "etc/containers/storage.conf":
        `[storage]\ndriver = "vfs"\n# graphroot = "/no"\ngraphroot = "/srv/c"\n`,
      "srv/c/vfs-containers/containers.json": podman(ID, "web-1"),
    },
    want: ["web-1", "podman"],
  },
  {
    name: "Podman of a user",
    cgroup: `${USER}/libpod-${ID}.scope/container`,
    files: {
      "etc/passwd": PASSWD,
      "home/ann/.local/share/containers/storage/overlay-containers/containers.json":
        podman(ID, "mine"),
    },
    want: ["mine", "podman"],
  },
  {
    name: "Podman of a user whose home leads elsewhere",
    cgroup: `${USER.replaceAll("1000", "1001")}/libpod-${ID}.scope`,
    files: {
      "etc/passwd": PASSWD,
      "root/.local/share/containers/storage/overlay-containers/containers.json":
        podman(ID, "root's"),
    },
    want: [ID.slice(0, 12), "podman"],
  },
  {
    name: "containerd of Kubernetes",
    cgroup: `${KUBEPODS}/cri-containerd-${ID}.scope`,
    files: {
      [
        `run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`
      ]: CONTAINERD,
    },
    want: ["nginx", "containerd", "web-5c8c71de", "shop"],
  },
  {
    name: "containerd of k3s",
    cgroup: `/kubepods/pod${POD}/${ID}`,
    files: {
      [
        `run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`
      ]: CONTAINERD,
    },
    want: ["nginx", "containerd", "web-5c8c71de", "shop"],
  },
  {
    name: "a sandbox of containerd, which has no name",
    cgroup: `${KUBEPODS}/cri-containerd-${ID}.scope`,
    files: {
      [
        `run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`
      ]: oci({
        "io.kubernetes.cri.container-type": "sandbox",
        "io.kubernetes.cri.sandbox-name": "web",
        "io.kubernetes.cri.sandbox-namespace": "shop",
      }),
    },
    want: [ID.slice(0, 12), "containerd", "web", "shop"],
  },
  {
    name: "nerdctl, in a namespace of its own",
    cgroup: `/system.slice/nerdctl-${ID}.scope`,
    files: {
      [`run/containerd/io.containerd.runtime.v2.task/mine/${ID}/config.json`]:
        oci({ "nerdctl/name": "web-1", "nerdctl/namespace": "mine" }),
    },
    want: ["web-1", "containerd"],
  },
  {
    name: "CRI-O",
    cgroup: `${KUBEPODS}/crio-${ID}.scope`,
    files: {
      [
        `var/lib/containers/storage/overlay-containers/${ID}/userdata/config.json`
      ]: CRIO,
    },
    want: ["kubedns", "crio", "kube-dns-49d91", "kube-system"],
  },
  {
    name: "CRI-O, by folders",
    cgroup: `/kubepods/burstable/pod${POD}/${ID}`,
    files: {
      [`run/containers/storage/overlay-containers/${ID}/userdata/config.json`]:
        CRIO,
    },
    want: ["kubedns", "crio", "kube-dns-49d91", "kube-system"],
  },
  {
    name: "an id of which Podman knows",
    cgroup: `/${ID}`,
    files: {
      [
        `var/lib/containers/storage/overlay-containers/${ID}/userdata/config.json`
      ]: oci({ "io.container.manager": "libpod" }),
      "var/lib/containers/storage/overlay-containers/containers.json": podman(
        ID,
        "web-1",
      ),
    },
    want: ["web-1", "podman"],
  },
  {
    name: "an id of which nobody knows",
    cgroup: `/${ID}`,
    want: [ID.slice(0, 12), "-"],
  },
  {
    name: "Amazon ECS",
    cgroup: `/ecs/03752a671e744971a862edcee6195646/${ID}`,
    files: {
      [`var/lib/docker/containers/${ID}/config.v2.json`]: docker(
        ID,
        "ecs-shop-3-nginx",
      ),
    },
    want: ["ecs-shop-3-nginx", "ecs"],
  },
  {
    name: "Amazon ECS, with an id of its own",
    cgroup: "/ecs/03752a671e744971a862edcee6195646/" +
      "03752a671e744971a862edcee6195646-4015103728",
    want: ["03752a671e744971a862edcee6195646-4015103728", "ecs"],
  },
  { name: "LXC", cgroup: "/lxc.payload.web/init.scope", want: ["web", "lxc"] },
  {
    name: "nspawn",
    cgroup: "/machine.slice/systemd-nspawn@a\\x2db.service/payload",
    want: ["a-b", "nspawn"],
  },
  {
    name: "libvirt",
    cgroup: "/machine.slice/machine-qemu\\x2d18\\x2dtest10.scope/libvirt",
    want: ["test10", "libvirt"],
  },
  {
    name: "a name with control characters",
    cgroup: `/docker/${ID}`,
    files: {
      [`var/lib/docker/containers/${ID}/config.v2.json`]: docker(
        ID,
        "a\x1b[31m\nb\u009bc",
      ),
    },
    want: ["a.[31m.b..c", "docker"],
  },
];

/** A tree with one listening socket of each of these cgroups, by processes 100 and on. */
function treeOf(
  cgroups: readonly string[],
  files: Record<string, string> = {},
): Record<string, string> {
  const header = "  sl  local_address rem_address   st tx_queue rx_queue " +
    "tr tm->when retrnsmt   uid  timeout inode\n";
  const lines = cgroups.map((_, i) =>
    `   ${i}: 0100007F:${(8000 + i).toString(16).toUpperCase()} ` +
    "00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 " +
    `${9000 + i} 1 0000000000000000 100 0 0 10 0\n`
  );
  const processes = cgroups.map((cgroup, i) => [
    [`proc/${100 + i}/cgroup`, cgroup],
    [`proc/${100 + i}/cmdline`, `prog${i}\0`],
  ]);
  return {
    "proc/net/tcp": header + lines.join(""),
    "proc/net/tcp6": header,
    ...Object.fromEntries(processes.flat()),
    ...files,
  };
}

/** Gives each process of such a tree its socket, and more where `links` says so. */
async function withSockets(
  cgroups: readonly string[],
  files: Record<string, string>,
  test: (root: string) => Promise<void>,
  links: Readonly<Record<number, readonly number[]>> = {},
): Promise<void> {
  await withTree(treeOf(cgroups, files), async (root) => {
    for (const i of cgroups.keys()) {
      const folder = `${root}/proc/${100 + i}/fd`;
      await Deno.mkdir(folder);
      for (const inode of links[i] ?? [9000 + i]) {
        await Deno.symlink(`socket:[${inode}]`, `${folder}/${inode}`);
      }
    }
    await test(root);
  });
}

for (const { name, cgroup, files = {}, want } of NAMES) {
  Deno.test(`place: ${name}`, async () => {
    await withSockets([`0::${cgroup}\n`], files, async (root) => {
      const { stdout, stderr, exit } = await netstat(
        "--root",
        root,
        "-tln",
        "--no-header",
        "--columns=container,runtime,pod,pod_namespace",
      );
      const [container, runtime, pod = "-", namespace = "-"] = want;
      assert.deepEqual(
        stdout.trim().split(/ {2,}/),
        [container, runtime, pod, namespace],
      );
      assert.deepEqual({ stderr, exit }, { stderr: "", exit: 0 });
    });
  });
}

const QUESTIONS: readonly {
  args: readonly string[];
  want: string;
}[] = [
  {
    args: ["--where", "container = web-1", "--columns=local_port"],
    want: "8001\n",
  },
  {
    args: ["--where", "unit ~ '^nginx'", "--columns=local_port"],
    want: "8000\n8003\n",
  },
  { args: ["--count=unit"], want: "nginx.service 2\n- 2\n" },
  {
    args: ["--count=container", "--sort=-count,container"],
    want: "- 3\nweb-1 1\n",
  },
  {
    args: ["--sort=-unit,-local_port", "--columns=local_port,unit"],
    want: "8003 nginx.service\n8000 nginx.service\n8002 -\n8001 -\n",
  },
  {
    args: ["--csv", "--columns=local_port,unit,container,cgroup", "--limit=2"],
    want: `8000,nginx.service,,/system.slice/nginx.service
8001,,web-1,/docker/${ID}\n`,
  },
  {
    args: ["--json", "--columns=unit,container", "--limit=2"],
    want: `[{"unit":"nginx.service","container":null},` +
      `{"unit":null,"container":"web-1"}]\n`,
  },
  {
    args: ["--json", "--columns=local_port,@place", "--where=local_port=8002"],
    want: `[{"local_port":8002,"unit":null,"user_unit":null,"slice":null,` +
      `"session":null,"container":null,"container_id":null,"runtime":null,` +
      `"pod":null,"pod_namespace":null,"pod_uid":null,"cgroup":"/",` +
      `"netns":null,"netns_name":null}]\n`,
  },
  {
    // net-tools' text, and only what is asked for
    args: ["--where", "container = web-1"],
    want: "tcp 0 0 127.0.0.1:8001 0.0.0.0:* LISTEN\n",
  },
];

for (const { args, want } of QUESTIONS) {
  Deno.test(`place: a question: ${args.join(" ")}`, async () => {
    const cgroups = [
      "0::/system.slice/nginx.service\n",
      `4:memory:/docker/${ID}\n1:name=systemd:/docker/${ID}\n0::/\n`,
      "0::/\n",
      "1:name=systemd:/system.slice/nginx.service\n0::/\n",
    ];
    const files = {
      [`var/lib/docker/containers/${ID}/config.v2.json`]: docker(ID, "web-1"),
    };
    await withSockets(cgroups, files, async (root) => {
      const { stdout, stderr, exit } = await netstat(
        "--root",
        root,
        "-tln",
        "--no-header",
        ...args,
      );
      const text = args.some((arg) => /^--(csv|json)/.test(arg))
        ? stdout
        : stdout.replace(/ +/g, " ").replace(/^ | $/gm, "");
      assert.equal(text, want);
      assert.deepEqual({ stderr, exit }, { stderr: "", exit: 0 });
    });
  });
}

Deno.test("place: JSON without a question does not have it, nor is it read", async () => {
  await withSockets(["0::/a.slice\n"], {}, async (root) => {
    const file = `${root}/proc/100/cgroup`;
    await Deno.remove(file);
    // whoever reads it is told
    const made = await new Deno.Command("mkfifo", { args: [file] }).output();
    assert.ok(made.success);
    const args = ["--root", root, "-tlnp", "--json"];
    const { stdout, stderr } = await netstat(...args);
    const [row] = JSON.parse(stdout);
    assert.ok("owners" in row && !("unit" in row) && !("cgroup" in row));
    assert.equal(stderr, "");
    assert.match((await netstat(...args, "--columns=unit")).stderr, /cgroup/);
    const text = await netstat("--root", root, "-tlnp");
    assert.match(text.stdout, / LISTEN +100\/prog0 +$/m);
    assert.equal(text.stderr, "");
  });
});

Deno.test("place: a service manager holds sockets for others", async () => {
  const cgroups = [
    "0::/init.scope\n",
    "0::/system.slice/web.service\n",
    `0::${USER.replace(/user.slice$/, "init.scope")}\n`,
  ];
  await withSockets(cgroups, {}, async (root) => {
    const { stdout } = await netstat(
      "--root",
      root,
      "-tln",
      "--json",
      "--columns=local_port,pid,unit,cgroup",
    );
    assert.deepEqual(JSON.parse(stdout), [
      // nobody else has it, and no file tells for whom it is
      { local_port: 8000, pid: 100, unit: null, cgroup: "/init.scope" },
      {
        local_port: 8001,
        pid: 100,
        unit: "web.service",
        cgroup: "/system.slice/web.service",
      },
      {
        local_port: 8002,
        pid: 102,
        unit: "user@1000.service",
        cgroup: "/user.slice/user-1000.slice/user@1000.service/init.scope",
      },
    ]);
  }, { 0: [9000, 9001], 1: [9001] });
});

Deno.test("place: each file is read once, however many sockets there are", async () => {
  const count = 1000;
  const cgroups = Array.from(
    { length: count },
    (_, i) => `0::/docker/${i % 2 ? ID : OTHER}\n`,
  );
  const files = {
    [`var/lib/docker/containers/${ID}/config.v2.json`]: docker(ID, "one"),
    [`var/lib/docker/containers/${OTHER}/config.v2.json`]: docker(OTHER, "two"),
  };
  await withSockets(cgroups, files, (root) => {
    const reads = new Map<string, number>();
    class Counting extends Tree {
      override read(path: string, most?: number): Uint8Array | Failure {
        reads.set(path, (reads.get(path) ?? 0) + 1);
        return super.read(path, most);
      }
    }
    const tree = new Counting(root);
    const places = new Places(tree);
    const wanted = new Set<Long>(cgroups.map((_, i) => 9000 + i));
    const question = { context: false, all: false, ours: new Set<Long>() };
    for (let times = 0; times < 2; times++) {
      const owners = findOwners(tree, wanted, { ...question, places });
      const names = [...wanted].map((inode) =>
        owners.held.get(inode)?.place?.container
      );
      assert.equal(names.filter((name) => name === "one").length, count / 2);
      assert.equal(names.filter((name) => name === "two").length, count / 2);
    }
    const cgroupReads = [...reads].filter(([path]) => path.endsWith("/cgroup"));
    assert.equal(cgroupReads.length, count);
    const rest = [...reads].filter(([path]) => !path.startsWith("/proc/"));
    assert.equal(rest.length, 3, "daemon.json, and one for each container");
    assert.deepEqual(
      [...new Set([...cgroupReads, ...rest].map(([, n]) => n))],
      [
        1,
      ],
    );
    return Promise.resolve();
  });
});

const BROKEN: readonly { name: string; text: string }[] = [
  { name: "nothing", text: "" },
  { name: "noise", text: "\0\x1b[31m{{{" },
  { name: "cut", text: docker(ID, "web-1").slice(0, 100) },
  { name: "a number", text: "7" },
  { name: "null", text: "null" },
  { name: "deep", text: "[".repeat(1_000_000) },
];

for (const { name, text } of BROKEN) {
  Deno.test(`place: a file that is not understood: ${name}`, async () => {
    const path = `/var/lib/docker/containers/${ID}/config.v2.json`;
    const files = { [path.slice(1)]: text };
    await withSockets([`0::/docker/${ID}\n`], files, async (root) => {
      const { stdout, stderr, exit } = await netstat(
        ...["--root", root, "-tln", "--no-header", "--columns=container"],
      );
      assert.equal(stdout.trim(), ID.slice(0, 12));
      assert.deepEqual({ stderr, exit }, {
        stderr: `netstat: cannot read ${path}: Not understood as JSON\n`,
        exit: 1,
      });
    });
  });
}

Deno.test("place: JSON that means something else has no names", async () => {
  const odd = [
    `{"Name":7,"Config":[]}`,
    `{"Name":{"length":3},"Config":{"Labels":"x"}}`,
    `{"Config":{"Labels":{"io.kubernetes.pod.name":["a"]}}}`,
    `{"__proto__":{"Name":"/evil"}}`,
    `[{"Name":"/evil"}]`,
    `{"Name":""}`,
    `{"Name":"/"}`,
  ];
  for (const text of odd) {
    const path = `var/lib/docker/containers/${ID}/config.v2.json`;
    await withSockets(
      [`0::/docker/${ID}\n`],
      { [path]: text },
      async (root) => {
        const { stdout, exit } = await netstat(
          ...["--root", root, "-tln", "--json", "--columns=container,pod"],
        );
        assert.deepEqual(JSON.parse(stdout), [
          { container: ID.slice(0, 12), pod: null },
        ], text);
        assert.equal(exit, 0);
      },
    );
  }
});

Deno.test("place: a user's file is his, no link, and waited for by nobody", async () => {
  const root = await Deno.makeTempDir({ prefix: "netstat-test-" });
  try {
    const tree = new Tree();
    const path = `${root}/containers.json`;
    const { uid } = await Deno.lstat(root);
    const read = (user = uid!) => tree.readOf(user, path, 100);
    const failed = (user?: number) => {
      const result = read(user);
      assert.ok(result instanceof Failure);
      tree.failures.forget(result);
      return result.code;
    };
    await Deno.writeTextFile(path, "[]");
    assert.deepEqual(read(), new TextEncoder().encode("[]"));
    assert.equal(failed(uid! + 1), "EINVAL");
    await Deno.rename(path, `${root}/other`);
    await Deno.symlink("other", path);
    assert.equal(failed(), "ELOOP");
    await Deno.remove(path);
    const { success } = await new Deno.Command("mkfifo", { args: [path] })
      .output();
    assert.ok(success);
    assert.equal(failed(), "EINVAL");
    await Deno.remove(path);
    await Deno.mkdir(path);
    assert.equal(failed(), "EINVAL");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
