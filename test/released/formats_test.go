// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/identity/snapshot"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/results"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// next is the format of a future release. Its files are complete and have valid checksums, but another meaning.
const next = 7

// formats are the files on a volume that have a format number. bump returns a file with another format.
var formats = []struct {
	name, pattern string
	supported     int64
	bump          func(t *testing.T, b []byte) []byte
}{
	{"manifest", "MANIFEST", catalog.FormatVersion, func(t *testing.T, b []byte) []byte {
		body, _, _ := strings.Cut(string(b), "\n")
		// fields have other types
		return summed(replaced(t, body, fmt.Sprintf(`{"format":%d,"number":%d,`, catalog.FormatVersion, number(t, body)), fmt.Sprintf(`{"format":%d,"number":{},`, next)))
	}},
	{"sorted file", "MANIFEST", parquet.Format, func(t *testing.T, b []byte) []byte {
		body, _, _ := strings.Cut(string(b), "\n")
		return summed(replaced(t, body, fmt.Sprintf(`.parquet","format":%d,`, parquet.Format), fmt.Sprintf(`.parquet","format":%d,`, next)))
	}},
	{"segment of the log", "log/*.log", wal.Format, func(_ *testing.T, b []byte) []byte {
		const frame, count = 12, 25 // the head of a segment has no body: see package wal
		b = slices.Clone(b)
		end := frame + int(binary.LittleEndian.Uint32(b[4:]))
		binary.LittleEndian.PutUint32(b[frame+count:], next)
		table := crc32.MakeTable(crc32.Castagnoli)
		binary.LittleEndian.PutUint32(b[8:], crc32.Update(crc32.Checksum(b[4:8], table), table, b[frame:end]))
		return b
	}},
	{"key file", "keys/*.keys", dedup.Format, func(_ *testing.T, b []byte) []byte {
		b = append(slices.Clone(b[:len(b)-8]), "more"...)
		b[7] = next
		return binary.BigEndian.AppendUint64(b, xxh3.Hash(b))
	}},
	{"identity table", "identity/*.people", snapshot.Format, func(_ *testing.T, b []byte) []byte {
		b = append(slices.Clone(b[:len(b)-8]), "more"...)
		b[7] = next
		return binary.LittleEndian.AppendUint64(b, xxh3.Hash(b))
	}},
	{"persons of a pin", "pins/*.view", snapshot.ViewFormat, func(_ *testing.T, b []byte) []byte {
		b = append(slices.Clone(b[:len(b)-8]), "more"...)
		b[7] = next
		return binary.LittleEndian.AppendUint64(b, xxh3.Hash(b))
	}},
	{"result", "results/*/*.json", results.Format, func(t *testing.T, b []byte) []byte {
		body, _, _ := strings.Cut(string(b), "\n")
		return summed(replaced(t, body, fmt.Sprintf(`{"format":%d,"owner":"`, results.Format), fmt.Sprintf(`{"format":%d,"owner":{"was":"`, next)) + "}")
	}},
}

func summed(body string) []byte {
	return fmt.Appendf(nil, "%s\nxxh3:%016x\n", body, xxh3.HashString(body))
}

func replaced(t *testing.T, in, from, to string) string {
	t.Helper()
	require.Contains(t, in, from)
	return strings.Replace(in, from, to, 1)
}

func number(t *testing.T, body string) int64 {
	t.Helper()
	var m struct{ Number int64 }
	require.NoError(t, json.Unmarshal([]byte(body), &m))
	return m.Number
}

// The store does not open a volume that has a file of another format. The error names the file, its format and the supported one. The file does not
// change.
func TestFutureFormats(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		for _, f := range formats {
			t.Run(f.name, func(t *testing.T) {
				dir := copied(t, filepath.Join(release, volumeDir))
				files, err := filepath.Glob(filepath.Join(dir, f.pattern))
				require.NoError(t, err)
				file := files[len(files)-1]
				bumped := f.bump(t, read(t, file))
				put(t, bumped, file)
				_, err = embedded.Open(options(dir, nil))
				var format *volume.FormatError
				require.ErrorAs(t, err, &format)
				require.EqualValues(t, next, format.Found)
				require.Equal(t, f.supported, format.Supported)
				where := format.File
				if !filepath.IsAbs(where) {
					where = filepath.Join(dir, where)
				}
				if f.name == "sorted file" {
					where = filepath.Join(dir, string(volume.Data), format.File)
				}
				require.FileExists(t, where)
				require.ErrorContains(t, err, format.File+fmt.Sprintf(" has format %d; this program supports format %d", next, f.supported))
				require.Equal(t, bumped, read(t, file))
			})
		}
	})
}

// A sorted file whose footer has another format than the manifest says is refused, because it was replaced.
func TestFutureFooter(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		dir := copied(t, filepath.Join(release, volumeDir))
		text, _, _ := strings.Cut(string(read(t, dir, "MANIFEST")), "\n")
		var m struct{ Files []struct{ Name, Sum string } }
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		file := filepath.Join(dir, string(volume.Data), m.Files[0].Name)
		content := read(t, file)
		from := fmt.Sprintf("journeyman.format\x18\x01%d", parquet.Format)
		content = []byte(replaced(t, string(content), from, from[:len(from)-1]+fmt.Sprint(next)))
		require.NoError(t, os.WriteFile(file, content, 0o600))
		put(t, summed(replaced(t, text, m.Files[0].Sum, fmt.Sprint(xxh3.Hash(content)))), dir, "MANIFEST")
		s := open(t, dir)
		_, err := collect(t, s)
		require.ErrorContains(t, err, fmt.Sprintf("%s has format %d; this program supports format %d", m.Files[0].Name, next, parquet.Format))
	})
}

// damaged are the files on a volume without which a store does not open. The log, the sorted files, results and pins have their own tests, because the
// store opens without them.
var damaged = []string{"MANIFEST", "keys/*.keys", "identity/*.people", "EPOCH", "ID", "tombstone.key"}

// Truncates each of these files. The error names the file.
func TestDamagedFiles(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		for _, pattern := range damaged {
			t.Run(pattern, func(t *testing.T) {
				dir := copied(t, filepath.Join(release, volumeDir))
				files, err := filepath.Glob(filepath.Join(dir, pattern))
				require.NoError(t, err)
				file := files[0]
				content := read(t, file)
				put(t, append(slices.Clone(content[:len(content)/2]), "?"...), file)
				_, err = embedded.Open(options(dir, nil))
				require.ErrorContains(t, err, filepath.Base(file))
				var format *volume.FormatError
				require.NotErrorAs(t, err, &format)
			})
		}
	})
}
