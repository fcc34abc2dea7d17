// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package limits attacks the real programs of the data plane like a stranger, with the memory limits of their containers, while an honest sender
// continues.
package limits

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// podMemory is the default memory limit of an ingestion pod. Go's memory limit is 85 % of it.
const podMemory = 512 << 20

var bin string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "journeyman-limits-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	bin = dir
	for _, program := range []string{"store", "ingest"} {
		build := exec.Command("go", "build", "-tags=netgo,osusergo", "-o", filepath.Join(dir, program), "./cmd/"+program)
		build.Dir = filepath.Join("..", "..")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building %s: %v\n%s", program, err, out)
			return 1
		}
	}
	return m.Run()
}

func newRig(t *testing.T, storeArgs ...string) *rig.Rig {
	t.Helper()
	r, err := rig.New(t.Context(), rig.Options{Bin: bin, Dir: t.TempDir(), Samples: "../../config/samples", StoreArgs: storeArgs})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// pod is an ingestion process with a memory limit.
type pod struct {
	*rig.Process
	wire.Endpoint
	limit int64
}

func startPod(t *testing.T, r *rig.Rig, name string, spec v1alpha1.TouchpointSourceSpec, args ...string) *pod {
	t.Helper()
	spec.Channel = "web"
	source := &v1alpha1.TouchpointSource{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}
	endpoint, err := r.StartIngest(t.Context(), source, append([]string{"--memory", fmt.Sprint(podMemory * 85 / 100)}, args...)...)
	require.NoError(t, err)
	p := &pod{Process: r.Ingest[world.Source(name)][0], Endpoint: endpoint, limit: podMemory}
	confine(t, p.Process, podMemory)
	return p
}

// confine enforces the limit, if this process has the permission. withinLimit checks the peak in any case.
func confine(t *testing.T, p *rig.Process, limit int64) {
	t.Helper()
	free, err := p.Confine(limit)
	if err != nil {
		t.Logf("the kernel does not enforce the limit here, only the peak is checked: %v", err)
		return
	}
	t.Cleanup(free)
}

// withinLimit requires that the process still runs and never used more memory. It returns the peak.
func withinLimit(t *testing.T, p *rig.Process, limit int64) int64 {
	t.Helper()
	require.NoError(t, p.Alive())
	peak, err := p.PeakMemory()
	require.NoError(t, err)
	t.Logf("peak: %d MiB of %d MiB", peak>>20, limit>>20)
	require.Less(t, peak, limit)
	return peak
}

// request of a sender.
type request struct {
	path, body string
	header     []string
}

func (p *pod) send(ctx context.Context, r request) (int, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+r.path, strings.NewReader(r.body))
	if err != nil {
		return 0, err
	}
	for i := 0; i+1 < len(r.header); i += 2 {
		q.Header.Set(r.header[i], r.header[i+1])
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	return answer.StatusCode, nil
}

// attack sends each request repeatedly and in parallel, while it sends the honest request one by one. Each honest request must be accepted.
func (p *pod) attack(t *testing.T, bad []request, honest func(i int) request) {
	t.Helper()
	const atOnce, rounds = 48, 1
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var attackers sync.WaitGroup
	next := make(chan request)
	var mu sync.Mutex
	answers := map[int]int{}
	for range atOnce {
		attackers.Go(func() {
			for r := range next {
				code, err := p.send(ctx, r)
				if err != nil {
					code = -1
				}
				mu.Lock()
				answers[code]++
				mu.Unlock()
			}
		})
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		for range rounds {
			for _, r := range bad {
				for range atOnce / 2 {
					next <- r
				}
			}
		}
		close(next)
		attackers.Wait()
	}()
	slowest, sent := time.Duration(0), 0
	for done := false; !done; sent++ {
		select {
		case <-over:
			done = true
		default:
		}
		began := time.Now()
		code, err := p.send(ctx, honest(sent))
		require.NoError(t, errors.Join(err, p.Alive()))
		require.Contains(t, []int{200, 202}, code, "the honest sender is served")
		slowest = max(slowest, time.Since(began))
	}
	t.Logf("attackers got %v; %d honest requests, the slowest took %v", answers, sent, slowest)
	require.Less(t, withinLimit(t, p.Process, p.limit), p.limit*85/100, "a margin is left: the runtime collects garbage in time")
}
