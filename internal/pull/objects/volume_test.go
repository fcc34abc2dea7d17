// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/objects"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// mountVariable is the folder of the volume, for the processes that pulltest starts.
const mountVariable = "JOURNEYMAN_OBJECTS_VOLUME"

func TestMain(m *testing.M) {
	if dir := os.Getenv(mountVariable); dir != "" {
		objects.MountAt(dir)
	}
	pulltest.Main(m)
}

// shelf is a volume.
type shelf struct {
	dir  string
	from v1alpha1.FilesFrom
	n    int
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{dir: t.TempDir(), from: v1alpha1.FilesFrom{
		Volume: &v1alpha1.VolumeFolder{ClaimName: "exports", Path: "tills"}, Interval: "1s", MinAge: "1s",
	}}
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "tills"), 0o700))
	t.Setenv(mountVariable, s.dir)
	objects.MountAt(s.dir)
	return s
}

func (s *shelf) Transport() v1alpha1.Transport {
	return v1alpha1.Transport{Files: &v1alpha1.FilesTransport{From: &s.from}}
}

func (s *shelf) Local() {}

func (s *shelf) ExactlyOnce() bool { return true }

// Write adds one file, which appears when it is complete.
func (s *shelf) Write(t testing.TB, documents ...string) {
	t.Helper()
	s.n++
	s.put(t, fmt.Sprintf("%05d.ndjson", s.n), strings.Join(documents, "\n")+"\n")
}

func (s *shelf) put(t testing.TB, name, content string) {
	t.Helper()
	path := filepath.Join(s.dir, "tills", filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path+".part", []byte(content), 0o600))
	require.NoError(t, os.Rename(path+".part", path))
}

func TestVolume(t *testing.T) {
	pulltest.Run(t, func(t *testing.T) pulltest.System { return newShelf(t) })
}

// A process that is killed in the middle of a file continues there. Rows without an id are known by their content, and equal ones are different events.
func TestKillsInTheMiddleOfAFile(t *testing.T) {
	s := newShelf(t)
	p := pulltest.NewPod(t, s)
	p.Config.Source.Limits = &v1alpha1.SourceLimits{MaxEventsPerSecond: ptr.To[int32](20_000)}
	p.Config.Source.Mapping[0].Event.Identities["customerId"] = `"c-" + string(body.n) + "-" + string(message.line)`
	p.Config.Source.Mapping[0].Event.Time = `"2026-11-01T00:00:00Z"`
	var rows strings.Builder
	const n = 40_000
	rows.WriteString("n,what\n")
	for i := range n {
		fmt.Fprintf(&rows, "%d,bread\n", i%1000)
	}
	s.put(t, "large.csv", rows.String())
	for k := range 10 {
		child := p.Start(t, "till-1")
		p.Await(min(3000*(k+1), n))
		child.Kill(t)
	}
	p.Start(t, "till-1")
	p.Await(n)
	p.Check(n, true)
}

// What is not a file to read is left alone, one that is broken costs itself, and subfolders are read.
func TestWhatIsInAFolder(t *testing.T) {
	s := newShelf(t)
	p := pulltest.NewPod(t, s)
	row := pulltest.Documents(0, 1)[0]
	for _, name := range []string{".hidden.ndjson", "a.ndjson.tmp", "_temporary/a.ndjson", "a.csv~"} {
		s.put(t, name, row)
	}
	s.put(t, "empty.ndjson", "")
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(s.dir, "tills", "passwd.csv")))
	s.put(t, "2026/11/a.ndjson", row)
	s.put(t, "broken.gz", "\x1f\x8b\x08nothing")
	s.put(t, "b.csv", "n,at\n1,2026-11-01T00:00:01Z\n2,2026-11-01T00:00:02Z,too much\n3,2026-11-01T00:00:03Z\n")
	s.put(t, "2026/c.csv", "n,at\n4,yesterday\n")
	p.Run()
	p.Await(3)
	p.Check(3, false)
	require.Eventually(t, func() bool {
		r := p.Source().Counters.Rejected
		return r[reject.BadFile].Count == 1 && r[reject.BadRow].Count == 1 && r[reject.BadTime].Count == 1
	}, time.Minute, 10*time.Millisecond)
	rejected := p.Source().Counters.Rejected
	require.Contains(t, rejected[reject.BadFile].Example, `the file "broken.gz"`)
	require.Contains(t, rejected[reject.BadRow].Example, `"b.csv", line 3`)
	require.Contains(t, rejected[reject.BadTime].Example, `mapping[0].event.time: "2026/c.csv", line 2: the value is not a time`)
	require.Eventually(t, func() bool { return *p.Runner.State().Lag == 0 }, time.Minute, 10*time.Millisecond)
	require.NotZero(t, p.Runner.State().CaughtUpTime)
}

// With patterns, only files whose names match are read.
func TestPatterns(t *testing.T) {
	s := newShelf(t)
	s.from.Match = []string{"*.CSV"}
	p := pulltest.NewPod(t, s)
	s.Write(t, pulltest.Documents(0, 5)...)
	s.put(t, "b.csv", "n,at\n1,2026-11-01T00:00:01Z\n")
	p.Run()
	p.Await(1)
	require.Eventually(t, func() bool { l := p.Runner.State().Lag; return l != nil && *l == 0 }, time.Minute, 10*time.Millisecond)
	p.Check(1, true)
}

func TestAFolderThatIsNotThere(t *testing.T) {
	s := newShelf(t)
	s.from.Volume.Path = "other"
	p := pulltest.NewPod(t, s)
	p.Run()
	require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, time.Minute, 10*time.Millisecond)
	require.Equal(t, pull.NotFound, p.Runner.State().Problem.Reason)
	require.Contains(t, p.Runner.State().Problem.Message, "spec.transport.files.from.volume.path")
}
