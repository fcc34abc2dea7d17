// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestHoldBack(t *testing.T) {
	created := metav1.NewTime(noon.Add(-100 * day))
	sources := []podconfig.MapSource{
		{Name: "shop", ExpectEvery: "1h", CreatedAt: created}, {Name: "tills", ExpectEvery: "2h", CreatedAt: created},
		{Name: "mail", CreatedAt: created},
	}
	const never = time.Duration(1 << 62)
	seen := func(shop, tills time.Duration) store.State {
		state := store.State{Sources: []store.SourceState{{Name: "shop", NewestEventTime: noon.Add(-shop).UnixMicro()}}}
		if tills != never {
			state.Sources = append(state.Sources, store.SourceState{Name: "tills", NewestEventTime: noon.Add(-tills).UnixMicro()})
		}
		return state
	}
	for name, c := range map[string]struct {
		state store.State
		want  time.Duration
		by    string
	}{
		"all current":                         {seen(-time.Minute, 0), 0, ""},
		"the lowest watermark holds":          {seen(10*time.Minute, 30*time.Minute), 30 * time.Minute, "tills"},
		"at most by expectEvery":              {seen(50*hour, time.Minute), hour, "shop"},
		"no event for a long time":            {seen(time.Minute, never), 2 * hour, "tills"},
		"fractions of a second are truncated": {seen(1500*time.Millisecond, time.Second), 2 * time.Second, "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			held, by := holdBack(noon, watermarks(sources, c.state))
			require.Equal(t, noon.Add(-c.want), held)
			require.Equal(t, c.by, by)
		})
	}
	held, by := holdBack(noon, watermarks(sources[2:], store.State{}))
	require.Equal(t, noon, held, "a source without an expectation holds nothing back")
	require.Empty(t, by)
	young := []podconfig.MapSource{{Name: "new", ExpectEvery: "1h", CreatedAt: metav1.NewTime(noon.Add(-time.Minute))}}
	held, by = holdBack(noon, watermarks(young, store.State{}))
	require.Equal(t, noon.Add(-time.Minute), held, "a source that is new holds back to its creation only")
	require.Equal(t, "new", by)
}
