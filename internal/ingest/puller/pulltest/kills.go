// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pulltest

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Killable is a system that can be killed. It keeps what it has acknowledged.
type Killable interface {
	System
	// Kill ends it by SIGKILL, and Restart starts it again and waits until it takes documents.
	Kill()
	Restart(t testing.TB)
}

// RunKills kills ingestion, the program of the store and the system at random times, while documents are read. Of the kills, one in every is of the
// system, and a third of the others of the store. Nothing is lost and, if the position is in the store, nothing arrives twice.
func RunKills(t *testing.T, s Killable, kills, every int) {
	t.Helper()
	p := NewPod(t, s)
	program := p.UseProgram(t)
	pod := p.Start(t, "till-1")
	n := 0
	for k := range kills {
		s.Write(t, Documents(n, n+10)...)
		n += 10
		if k%3 > 0 { // Else, something is killed while something else starts.
			p.Await(n - k%10)
		}
		time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond) // a random time
		switch {
		case k%every == every-1:
			s.Kill()
			s.Restart(t)
		case rand.IntN(3) == 0:
			program.Kill()
			program.Restart(t)
		default:
			pod.Kill(t)
			pod = p.Start(t, "till-1")
		}
	}
	p.Await(n)
	pod.Stop(t)
	p.Check(n, s.ExactlyOnce())
}
