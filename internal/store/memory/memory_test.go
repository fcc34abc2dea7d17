// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory_test

import (
	"testing"
	"time"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	now := time.Now()
	open := func(most int64) store.Store {
		s := memory.New(identity.NewPolicy(nil))
		s.SetMaxIdentities(most)
		s.SetClock(func() time.Time { return now })
		return s
	}
	storetest.Run(t, func(*testing.T) store.Store { return open(0) }, storetest.Options{
		Limited: func(_ *testing.T, most int64) store.Store { return open(most) },
		Later:   func(_ *testing.T, _ store.Store, d time.Duration) { now = now.Add(d) },
	})
}
