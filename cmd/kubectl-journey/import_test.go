// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/preset"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// tillSource is a source as a retailer writes it for the files of its tills.
func tillSource() *v1alpha1.TouchpointSource {
	s := &v1alpha1.TouchpointSource{}
	s.Name = "tills"
	s.Spec = v1alpha1.TouchpointSourceSpec{
		StoreRef: v1alpha1.LocalReference{Name: "default"}, Channel: "store",
		Transport: v1alpha1.Transport{Files: &v1alpha1.FilesTransport{TimeZone: "Europe/Berlin", Currency: "EUR"}},
		Mapping: []v1alpha1.MappingRule{{Event: &v1alpha1.EventMapping{
			Name: `"Order Completed"`, Time: `localTime(body.sold, message.timeZone)`, OrderID: `body.receipt`, Amount: `body.total`, Currency: `message.currency`,
			Identities: map[string]v1alpha1.CELExpression{"email": `body.mail`, "loyaltyId": `body.?card`},
		}}},
	}
	return s
}

const tillRows = 5000

// tillFile has receipts of many customers, the same receipt twice, and three lines that cannot be used.
func tillFile() []byte {
	var b bytes.Buffer
	b.WriteString("receipt,sold,total,mail,card\n")
	for i := range tillRows {
		fmt.Fprintf(&b, "r-%d,2026-03-%02d 10:%02d,%d.90,canary.%d@example.com,K%d\n", i, i%28+1, i%60, i%90, i%700, i%700)
		switch i {
		case 10:
			b.WriteString("r-10,2026-03-11 10:10,10.90,canary.10@example.com,K10\n")
		case 20:
			b.WriteString("r-x,yesterday,1.00,canary.1@example.com,K1\n")
		case 30:
			b.WriteString("r-y,2026-03-01 10:00,1.00,canary.1@example.com,K1,too,many\n")
		case 40:
			b.WriteString("r-z,2026-03-01 10:00,1.00,,\n")
		}
	}
	return b.Bytes()
}

// localPods runs the program of the pods as a process.
type localPods struct {
	program string
	args    []string
	// after is called with the number of progress messages, and the running program.
	after func(n int, p *os.Process)
	runs  int
}

func (l *localPods) Run(ctx context.Context, in io.Reader, out io.Writer, args ...string) error {
	l.runs++
	cmd := exec.CommandContext(ctx, l.program, append(args, l.args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { // As in the cluster, nobody waits for the rest of the input once the program has ended.
		_, _ = io.Copy(stdin, in)
		_ = stdin.Close()
	}()
	lines := bufio.NewReader(stdout)
	for n := 0; ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		if bytes.HasPrefix(line, []byte(`{"progress"`)) {
			if n++; l.after != nil {
				l.after(n, cmd.Process)
			}
		}
		if _, err := out.Write(line); err != nil {
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		return errors.Join(errors.New(strings.TrimSpace(said.String())), err)
	}
	return nil
}

// programs builds the programs of the pods, once.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "journeyman-import-")
	if err != nil {
		return "", err
	}
	for _, name := range []string{"store", "ingest"} {
		out, err := exec.Command("go", "build", "-tags=netgo,osusergo", "-o", filepath.Join(dir, name), "../"+name).CombinedOutput()
		if err != nil {
			return dir, fmt.Errorf("%w: %s", err, out)
		}
	}
	return dir, nil
})

// bench is a store, and a source whose pods are processes.
type bench struct {
	*testing.T
	rig   *rig.Rig
	pods  *localPods
	admin *client.Client
	dir   string
}

func newBench(t *testing.T, source *v1alpha1.TouchpointSource) *bench {
	t.Helper()
	bin, err := programs()
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	r, err := rig.New(t.Context(), rig.Options{
		Bin: bin, Dir: t.TempDir(), Samples: "../../config/samples", StoreArgs: []string{"--admin-listen", address},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	expanded, _, err := preset.Expand(&source.Spec)
	require.NoError(t, err)
	source.Spec = *expanded
	b := &bench{T: t, rig: r, pods: &localPods{}, dir: t.TempDir()}
	b.pods.program, b.pods.args, err = r.ImportCommand(source)
	require.NoError(t, err)
	b.admin, err = client.New(client.Options{
		URL: "https://" + address, KeyFile: filepath.Join(r.Dir(), "server", podconfig.AdminKey),
		CAFile: filepath.Join(r.Dir(), "append", podconfig.CAFile), ServerName: "localhost",
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.admin.Close()) })
	return b
}

func (b *bench) file(name string, content []byte) string {
	path := filepath.Join(b.dir, name)
	require.NoError(b, os.WriteFile(path, content, 0o600))
	return path
}

// imports runs the command, and returns what it prints.
func (b *bench) imports(ctx context.Context, o importOptions, paths ...string) (out, said string, err error) {
	o.connect = func() (podRunner, error) { return b.pods, nil }
	if o.source == "" {
		o.source = "tills"
	}
	if o.output == "" {
		o.output = "table"
	}
	var stdout, stderr bytes.Buffer
	c := importCommand()
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	c.SetContext(ctx)
	err = o.run(c, paths)
	return stdout.String(), stderr.String(), err
}

func (b *bench) result(path string) imported {
	b.Helper()
	out, _, err := b.imports(b.Context(), importOptions{output: "json"}, path)
	require.NoError(b, err)
	var d imported
	require.NoError(b, json.Unmarshal([]byte(out), &d))
	return d
}

func (b *bench) events() int64 {
	b.Helper()
	state, err := b.admin.State(b.Context())
	require.NoError(b, err)
	return state.Health.Events
}

func compressed(t *testing.T, content []byte, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	require.NoError(t, err)
	_, err = w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

const tillEvents = tillRows + 1

func TestImport(t *testing.T) {
	b := newBench(t, tillSource())
	path := b.file("march.csv", tillFile())

	out, said, err := b.imports(t.Context(), importOptions{dryRun: true}, path)
	require.NoError(t, err)
	require.Contains(t, out, fmt.Sprintf("march.csv   %d      %d     -       0         3         2026-03-01T09:00:00Z   2026-03-28T09:59:00Z", tillRows+4, tillEvents))
	require.Contains(t, out, "line 2   Order Completed   2026-03-01T09:00:00Z   store     0.9 EUR   r-0     loyaltyId=K0 email=")
	require.Contains(t, out, "line 24: refused (mapping-error): mapping[0].event.time: ")
	require.Contains(t, out, "line 35: refused (bad-row): ")
	require.Contains(t, out, "line 46: refused (missing-identity): ")
	require.Contains(t, out, "Nothing is stored: this was a dry run.")
	require.NotContains(t, out+said, "canary.", "identities are hashed")
	require.Zero(t, b.events())

	out, _, err = b.imports(t.Context(), importOptions{}, path)
	require.NoError(t, err)
	require.Contains(t, out, "Order Completed   5001")
	require.Regexp(t, `To undo this import: kubectl journey remove default --source tills --import march\.csv@[0-9a-f]{8}\n`, out)
	require.EqualValues(t, tillEvents, b.events())

	gz := compressed(t, tillFile(), func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
	zst := compressed(t, tillFile(), func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
	for name, content := range map[string][]byte{"march.csv": tillFile(), "renamed": tillFile(), "march.csv.gz": gz, "march.zst": zst} {
		d := b.result(b.file(name, content))
		require.EqualValues(t, 0, d.Stored, name)
		require.EqualValues(t, tillEvents, d.Known, name)
		require.EqualValues(t, 3, d.Refused, name)
	}
	require.EqualValues(t, tillEvents, b.events())

	// Undone, the same file can be imported again.
	id := b.result(path).Import
	request := store.RemoveRequest{Source: "tills", Import: id}
	plan, err := b.admin.PlanRemoval(t.Context(), request)
	require.NoError(t, err)
	require.EqualValues(t, tillEvents, plan.Events)
	request.Through = plan.Through
	_, err = b.admin.Remove(t.Context(), request)
	require.NoError(t, err)
	require.Zero(t, b.events())
	require.EqualValues(t, tillEvents, b.result(path).Stored)
	require.EqualValues(t, tillEvents, b.events())
}

// A pod and a store that die in the middle cost nothing, and neither does the command itself.
func TestAnImportThatIsInterrupted(t *testing.T) {
	b := newBench(t, tillSource())
	path := b.file("march.csv", tillFile())
	b.pods.after = func(n int, p *os.Process) {
		switch {
		case b.pods.runs == 1 && n == 1:
			require.NoError(t, p.Kill())
		case b.pods.runs == 2 && n == 1:
			require.NoError(t, b.rig.Store.Kill())
			require.NoError(t, b.rig.StartStore(t.Context()))
		}
	}
	out, said, err := b.imports(t.Context(), importOptions{}, path)
	require.NoError(t, err)
	require.Equal(t, 2, b.pods.runs)
	require.Contains(t, said, "march.csv: connecting again: the connection to the pod broke")
	require.Contains(t, out, "REFUSED")
	require.EqualValues(t, tillEvents, b.events())

	id := b.result(path).Import
	plan, err := b.admin.PlanRemoval(t.Context(), store.RemoveRequest{Source: "tills", Import: id})
	require.NoError(t, err)
	require.EqualValues(t, tillEvents, plan.Events, "what was stored before the interruption belongs to the import, too")

	b = newBench(t, tillSource())
	ctx, stop := context.WithCancel(t.Context())
	b.pods.after = func(n int, _ *os.Process) {
		if n == 2 {
			stop()
		}
	}
	_, _, err = b.imports(ctx, importOptions{}, path)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "Run the command again to continue")
	have := b.events()
	require.Positive(t, have)
	require.Less(t, have, int64(tillEvents))
	b.pods.after = nil
	d := b.result(path)
	require.EqualValues(t, have, d.Known)
	require.EqualValues(t, tillEvents, d.Known+d.Stored)
	require.EqualValues(t, tillEvents, b.events())
}

func TestImportsThatCannotBegin(t *testing.T) {
	b := newBench(t, tillSource())
	path := b.file("march.csv", tillFile())
	for want, call := range map[string]struct {
		o    importOptions
		path string
	}{
		"use table or json": {importOptions{output: "yaml"}, path},
		"no such file":      {importOptions{}, filepath.Join(b.dir, "none.csv")},
		"it is no file":     {importOptions{}, b.dir},
		"--import has 129 bytes: use at most 128": {importOptions{id: strings.Repeat("x", 129)}, path},
		"march.xlsx: ": {importOptions{}, b.file("march.xlsx", []byte("PK\x03\x04 damaged"))},
	} {
		_, _, err := b.imports(t.Context(), call.o, call.path)
		require.ErrorContains(t, err, want)
	}
	source := tillSource()
	suspended := true
	source.Spec.Suspend = &suspended
	other := newBench(t, source)
	_, _, err := other.imports(t.Context(), importOptions{}, path)
	require.ErrorContains(t, err, "the source tills is suspended: set spec.suspend to false")
	require.Equal(t, 1, other.pods.runs, "it is not tried again")
	_, _, err = other.imports(t.Context(), importOptions{dryRun: true}, path)
	require.NoError(t, err, "a dry run stores nothing")
	source.Spec.Transport = v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}}
	_, _, err = newBench(t, source).imports(t.Context(), importOptions{}, path)
	require.ErrorContains(t, err, "the source tills takes no files: its transport is webhook. Create a source with spec.transport.files")
}

// TestImportDocs runs the commands of the page on files with its source, and requires that they print what the page shows.
func TestImportDocs(t *testing.T) {
	const page, folder = "../../docs/transports/files.md", "../../docs/examples/import"
	raw, err := os.ReadFile(filepath.Join(folder, "tills.yaml"))
	require.NoError(t, err)
	source := &v1alpha1.TouchpointSource{}
	require.NoError(t, yaml.UnmarshalStrict(raw, source))
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(text), string(raw), "the page shows the source")
	b := newBench(t, source)
	t.Chdir(folder)
	run := 0
	is := consoleBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		var out strings.Builder
		for line := range strings.Lines(consoleBlock.FindStringSubmatch(block)[1]) {
			command, ok := strings.CutPrefix(line, "$ kubectl journey import ")
			if !ok {
				continue
			}
			run++
			out.WriteString(line)
			c := importVia(func() (podRunner, error) { return b.pods, nil })
			var printed bytes.Buffer
			c.SetOut(&printed)
			c.SetErr(&printed)
			c.SetArgs(words(command))
			require.NoError(t, c.ExecuteContext(t.Context()))
			for l := range strings.Lines(printed.String()) {
				out.WriteString(strings.TrimRight(l, " \n") + "\n")
			}
		}
		return "```console\n" + out.String() + "```"
	})
	require.Equal(t, 3, run)
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join("..", "..", "transports", "files.md"), []byte(is), 0o600))
		return
	}
	require.Equal(t, string(text), is, "the page no longer shows what its commands print: go test ./cmd/kubectl-journey -run TestImportDocs -update")
}

func TestImportIDs(t *testing.T) {
	id := func(name, content string) string {
		out, err := importID(name, strings.NewReader(content))
		require.NoError(t, err)
		return out
	}
	require.Equal(t, id("a.csv", "x"), id("a.csv", "x"))
	require.NotEqual(t, id("a.csv", "x"), id("a.csv", "y"))
	require.Regexp(t, `^my_file__1_\.csv@[0-9a-f]{8}$`, id("my file (1).csv", "x"))
	for id, want := range map[string]string{
		"tills-2026": " tills-2026", "of May": "='of May'", "it's": `='it'\''s'`, "-x.csv@15614d3b": "='-x.csv@15614d3b'", "$(x)": "='$(x)'",
	} {
		require.Equal(t, "kubectl journey remove default --source tills --import"+want, (&imported{Store: "default", Source: "tills", Import: id}).undo())
	}
	require.LessOrEqual(t, len(id(strings.Repeat("ü", 200), "x")), store.MaxImportBytes)
}
