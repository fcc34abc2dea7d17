// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pulltest is the suite of all readers, against a system that runs as a process of its own and speaks the real protocol: at least once, the
// position only after the store's commit, continuing after a stop and after SIGKILL, poison, backpressure, and a clean stop. A package that uses it calls
// Main in its TestMain.
package pulltest

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// System is what a reader reads from.
type System interface {
	// Transport of the source.
	Transport() v1alpha1.Transport
	// Write adds documents, durably. They are JSON, or the text "poison".
	Write(t testing.TB, documents ...string)
	// ExactlyOnce reports whether the position is in the store, so that no document ever arrives twice.
	ExactlyOnce() bool
}

// Secured is a system whose transport reads Secrets.
type Secured interface {
	// Files are their contents, by path.
	Files() map[string][]byte
}

// Local is a system to which no connections are made, such as a volume.
type Local interface{ Local() }

// within is how long the slowest step may take on a busy machine.
const within = 90 * time.Second

// Run runs the suite. start starts a system without documents.
func Run(t *testing.T, start func(t *testing.T) System) {
	t.Run("documents are stored once, in several batches", func(t *testing.T) { stored(t, start(t)) })
	t.Run("the position follows the commit", func(t *testing.T) { follows(t, start(t)) })
	t.Run("poison is set aside", func(t *testing.T) { poison(t, start(t)) })
	t.Run("nothing is read while the store is away", func(t *testing.T) { waits(t, start(t)) })
	t.Run("private addresses have to be allowed", func(t *testing.T) { guarded(t, start(t)) })
	t.Run("a killed process continues", func(t *testing.T) { killed(t, start(t), Kills()) })
}

// Kills is the number of kills: 50, or 1000 with JOURNEYMAN_FULL=1.
func Kills() int {
	if os.Getenv("JOURNEYMAN_FULL") == "1" {
		return 1000
	}
	return 50
}

// Documents returns documents with the numbers from first to last-1.
func Documents(first, last int) (out []string) {
	for n := first; n < last; n++ {
		out = append(out, fmt.Sprintf(`{"n":%d,"at":%q}`, n, time.Date(2026, 11, 1, 0, 0, n, 0, time.UTC).Format(time.RFC3339)))
	}
	return out
}

// Rules map a document to an event of a person of its own.
func Rules() []v1alpha1.MappingRule {
	return []v1alpha1.MappingRule{{Event: &v1alpha1.EventMapping{
		Name: `"Seen"`, Time: "body.at", Identities: map[string]v1alpha1.CELExpression{"customerId": `"c-" + string(body.n)`},
	}}}
}

// guarded expects that each connection is checked, and that the source is read once its addresses are allowed.
func guarded(t *testing.T, s System) {
	if _, local := s.(Local); local {
		t.Skip("no connections are made")
	}
	p := NewPod(t, s)
	allowed := p.Config.Source.Egress
	p.Config.Source.Egress = nil
	s.Write(t, Documents(0, 10)...)
	stop := p.Run()
	problem := func() *puller.Problem { return p.Runner.State().Problem }
	require.Eventually(t, func() bool { return problem() != nil }, within, 10*time.Millisecond)
	require.Equal(t, pull.Misconfigured, problem().Reason)
	require.Contains(t, problem().Message, "a loopback address: no connection is made")
	stop()
	p.Config.Source.Egress = allowed
	p.Run()
	p.Await(10)
}

func stored(t *testing.T, s System) {
	p := NewPod(t, s)
	s.Write(t, Documents(0, 50)...)
	stop := p.Run()
	p.Await(50)
	s.Write(t, Documents(50, 120)...)
	p.Await(120)
	require.Eventually(t, func() bool { return p.Runner.State().LastReadTime.After(time.Time{}) }, within, 10*time.Millisecond)
	began := time.Now()
	stop()
	require.Less(t, time.Since(began), 20*time.Second, "a clean stop takes no longer than the grace of a pod")
	p.Check(120, s.ExactlyOnce())
	s.Write(t, Documents(120, 130)...)
	p.Run()
	p.Await(130)
	p.Check(130, s.ExactlyOnce())
}

func follows(t *testing.T, s System) {
	p, stop := begun(t, s, store.ErrUnavailable)
	s.Write(t, Documents(1, 20)...)
	refused(t, p)
	require.Equal(t, pull.StoreUnavailable, p.Runner.State().Problem.Reason)
	stop()
	require.Greater(t, p.Runner.State().Documents, int64(1), "the store refused documents, and not only positions")
	p.Store.Fail(nil)
	p.Run()
	p.Await(20)
	p.Check(20, s.ExactlyOnce())
}

// begun returns the running pod of a source with one document, which is stored, and makes the store fail after that.
func begun(t *testing.T, s System, err error) (p *Pod, stop func()) {
	t.Helper()
	p = NewPod(t, s)
	s.Write(t, Documents(0, 1)...)
	stop = p.Run()
	p.Await(1)
	p.Store.Fail(err)
	return p, stop
}

// refused waits until the store has refused another batch several times.
func refused(t *testing.T, p *Pod) {
	t.Helper()
	before := p.Store.Refused()
	require.Eventually(t, func() bool { return p.Store.Refused() > before+2 }, within, 10*time.Millisecond)
}

func poison(t *testing.T, s System) {
	p := NewPod(t, s)
	s.Write(t, append(append(Documents(0, 5), "poison"), Documents(5, 10)...)...)
	p.Run()
	p.Await(10)
	p.Check(10, s.ExactlyOnce())
	require.Eventually(t, func() bool {
		count := int64(0)
		for _, r := range p.Source().Counters.Rejected {
			count += r.Count
		}
		return count == 1
	}, within, 10*time.Millisecond)
}

func waits(t *testing.T, s System) {
	p, _ := begun(t, s, store.ErrFull)
	s.Write(t, Documents(1, 3)...)
	refused(t, p)
	read := p.Runner.State().Documents
	require.Greater(t, read, int64(1), "a batch waits")
	s.Write(t, Documents(3, 40)...)
	refused(t, p)
	require.Equal(t, read, p.Runner.State().Documents)
	p.Store.Fail(nil)
	p.Await(40)
	p.Check(40, s.ExactlyOnce())
}

func killed(t *testing.T, s System, kills int) {
	p := NewPod(t, s)
	n := 0
	for k := range kills {
		child := p.Start(t, "till-1")
		s.Write(t, Documents(n, n+10)...)
		n += 10
		if k%3 > 0 { // Else, the process is killed while it starts.
			p.Await(n - k%10)
		}
		child.Kill(t)
	}
	p.Start(t, "till-1")
	p.Await(n)
	p.Check(n, s.ExactlyOnce())
}
