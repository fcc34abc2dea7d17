// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Four files lack different settings. Some are set for one file, one for all files.
func TestFilesHaveTheirOwnSettings(t *testing.T) {
	const header = "event,time,customerId\n"
	berlin := write(t, "berlin.csv", header+"Looked,03/04/2026 10:00,a\n")
	york := write(t, "york.csv", header+"Looked,03/04/2026 10:00,b\n")
	till := write(t, "till.csv", "time,customerId\n2026-05-01T10:00:00Z,k\xf9\xf2\n")
	plain := write(t, "plain.csv", header+"Looked,2026-05-01 10:00,d\n")
	list, err := ParseFiles(berlin + ",time-zone=Europe/Berlin,dates=dmy," + york + ",dates=mdy,time-zone=America/New_York")
	require.NoError(t, err)
	rest, err := ParseFiles(till + `,encoding=windows-1250,"event=Paid, at last",` + plain + ",time-zone=")
	require.NoError(t, err)
	all, err := ParseText("", "", "Asia/Tokyo", "Looked")
	require.NoError(t, err)

	i := newImporter(t, manifests, Options{Text: all})
	for _, f := range append(list, rest...) {
		require.NoError(t, i.File(t.Context(), f))
	}
	var got []string
	for k := range i.stored.events {
		got = append(got, inWords(&i.stored.events[k]))
	}
	require.Equal(t, []string{
		"Looked 2026-04-03T08:00:00Z customerId=a", "Looked 2026-03-04T15:00:00Z customerId=b",
		"Paid, at last 2026-05-01T10:00:00Z customerId=kůň", "Looked 2026-05-01T10:00:00Z customerId=d",
	}, got)
}

// Errors of settings name the value and the fix.
func TestInvalidSettingsOfAFile(t *testing.T) {
	for list, want := range map[string]string{
		"a.csv,dates=ymd":              "a.csv,dates=ymd: use dmy (day first)",
		"web=a.csv,time-zone=CET+1":    "web=a.csv,time-zone=CET+1: use the name of a time zone such as Europe/Berlin",
		"a.csv,b.csv,encoding=utf8x":   `b.csv,encoding=utf8x: unknown encoding "utf8x": use one such as utf-8`,
		"a.csv,timeZone=Europe/Berlin": "a.csv,timeZone=Europe/Berlin: for a file you can set encoding=, dates=, time-zone= or event=, not timeZone",
		"":                             `"": use FILE, or FILE with encoding=`,
	} {
		_, err := ParseFiles(list)
		require.ErrorContains(t, err, want)
	}
	files, err := ParseFiles(`event=a.csv,web=b.csv,dates=dmy`)
	require.NoError(t, err)
	require.Len(t, files, 2)
	require.Equal(t, "event=a.csv", files[0].Name, "what stands first is a file, of a source that has such a name")
}
