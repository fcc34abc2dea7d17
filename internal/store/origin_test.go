// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever comes in which order, each commit with events is in the runs of its import and of no other, also after the origins were written and read.
func TestOriginsOfCommits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o Origins
		of, uids := map[int64]string{}, map[int64]string{}
		seq, uid := int64(0), ""
		for range rapid.IntRange(1, 60).Draw(t, "commits") {
			seq += rapid.Int64Range(1, 3).Draw(t, "others between")
			if rapid.IntRange(0, 9).Draw(t, "created again") == 0 {
				uid = rapid.SampledFrom([]string{"u", "v"}).Draw(t, "uid")
			}
			c := Noted{
				Seq: seq, At: seq, Import: rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "import"), UID: uid,
				Events: rapid.Int64Range(0, 2).Draw(t, "events"), Duplicates: rapid.Int64Range(0, 1).Draw(t, "duplicates"),
			}
			before, err := json.Marshal(o)
			require.NoError(t, err)
			old := o
			o = o.Note(c)
			same, err := json.Marshal(old)
			require.NoError(t, err)
			require.JSONEq(t, string(before), string(same), "a copy does not change")
			if c.Events > 0 {
				of[seq] = c.Import
			}
			uids[seq] = uid
		}
		text, err := json.Marshal(o)
		require.NoError(t, err)
		var again Origins
		require.NoError(t, json.Unmarshal(text, &again))
		for _, origins := range []Origins{o, again} {
			for _, name := range []string{"x", "y"} {
				var runs SeqRuns
				if m := origins.Import(name); m != nil {
					runs = m.commits()
				}
				for s, in := range of {
					require.Equal(t, in == name, runs.Has(s), "commit %d of import %q in the runs of %q: %v", s, in, name, runs)
					require.Equal(t, in == name, runs.Between(s, s))
				}
				if len(runs) > 0 {
					require.True(t, runs.Between(0, seq))
					require.False(t, runs.Between(seq+1, math.MaxInt64))
				}
			}
			for _, u := range []string{"u", "v"} {
				for s, is := range uids {
					require.Equal(t, is == u, origins.uidRuns(u).Has(s))
				}
			}
		}
	})
}

// The oldest imports are forgotten first. What is known of the others stays right.
func TestOriginsAreBounded(t *testing.T) {
	var o Origins
	for i := range int64(MaxImports + 3) {
		o = o.Note(Noted{Seq: i + 1, Import: fmt.Sprint(i), Events: 1})
	}
	require.Len(t, o.Imports, MaxImports)
	require.Nil(t, o.Import("2"))
	require.True(t, o.Import("3").commits().Has(4))
	require.Len(t, o.Shown(), shownImports)
	require.Equal(t, fmt.Sprint(MaxImports+2), o.Shown()[0].ID)

	// One import alternates with other events until nothing is left of the others, nor of its own runs.
	seq := int64(MaxImports + 3)
	for o.Import("last") == nil || !o.Import("last").Partial {
		if m := o.Import("last"); m != nil {
			require.True(t, m.commits().Has(seq-1))
			require.LessOrEqual(t, len(m.Runs), MaxImportRuns)
		}
		o = o.Note(Noted{Seq: seq + 1, Import: "last", Events: 1}).Note(Noted{Seq: seq + 2, Events: 1})
		seq += 2
	}
	require.Less(t, len(o.Imports), MaxImports+1)
	text, err := json.Marshal(o)
	require.NoError(t, err)
	require.Less(t, len(text), 64<<10)
	_, err = (&RemoveRequest{Source: "shop", Import: "last"}).Selection(&o, seq)
	require.ErrorIs(t, err, ErrInvalid)
	require.ErrorContains(t, err, "Select them by range")

	for i := range int64(maxUIDs + 5) {
		o = o.Note(Noted{Seq: seq + i, UID: fmt.Sprint("uid", i), Events: 1})
	}
	require.Len(t, o.UIDs, maxUIDs)
	_, err = (&RemoveRequest{Source: "shop", Generation: &Generations{UID: "uid1", Generation: 1}}).Selection(&o, seq)
	require.ErrorContains(t, err, `uid "uid1": no TouchpointSource "shop" with it has sent events`)
}

// An import that stored nothing selects nothing, rather than everything.
func TestImportOfDuplicatesAlone(t *testing.T) {
	o := Origins{}.Note(Noted{Seq: 1, Events: 5}).Note(Noted{Seq: 2, Import: "x", Duplicates: 5}).Note(Noted{Seq: 3, Events: 1})
	s, err := (&RemoveRequest{Source: "shop", Import: "x"}).Selection(&o, 3)
	require.NoError(t, err)
	for seq := range int64(4) {
		require.False(t, s.Has(0, seq, 1))
	}
	require.False(t, s.Within(math.MinInt64, math.MaxInt64, 0, 3))
}

func FuzzSeqRuns(f *testing.F) {
	good, err := json.Marshal(SeqRuns{{First: 3, End: 9}, {First: 12, End: 12}, {First: 1 << 40, End: 1 << 41}})
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(`"AAAA"`))
	f.Add([]byte(`"//////////8BAQ=="`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r, again SeqRuns
		if r.UnmarshalJSON(text) != nil {
			return
		}
		last := int64(-1)
		for _, x := range r {
			require.LessOrEqual(t, last, x.First)
			require.LessOrEqual(t, x.First, x.End)
			last = x.End
		}
		b, err := json.Marshal(r)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &again))
		require.Equal(t, r, again)
	})
}
