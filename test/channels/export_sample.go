// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files"
	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/preset"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// exportSamples is the name of the file with the samples of a system, next to its exported files.
const exportSamples = "expect.json"

// Export is a sample of exported files, with the events that are stored once all are imported.
type Export struct {
	// System is the name of the folder, Dir its path.
	System, Dir string `json:"-"`
	Name        string
	// Imports are the files in the order in which they are read.
	Imports []ExportImport
	// Config has what the files do not say, by words.
	Config map[string]json.RawMessage
	// Valid is false if the files are refused as a whole.
	Valid  bool
	Now    time.Time
	IDRule struct {
		Form    string
		Columns []string
	}
	Expect []ExportEvent
	Skip   []ExportSkip
}

// ExportImport is one import of a sample, and what it adds.
type ExportImport struct {
	Files                           []string
	Stored, Known, Refused, Dropped int64
}

// ExportEvent is an expected event.
type ExportEvent struct {
	Event
	// At is the record, for messages.
	At json.RawMessage
	// OccurredAt is null if the file has no time.
	OccurredAt *time.Time
	Initiator  string
	// IdentityAllowed may be there in addition, and VendorIdentity under a type of its own.
	IdentityAllowed map[string]json.RawMessage
	VendorIdentity  json.RawMessage
	OrderID         json.RawMessage
	Optional        bool
}

// ExportSkip is a record that gives no new event.
type ExportSkip struct {
	Kind, Reason string
	At           struct {
		File  string
		Line  json.RawMessage
		Lines json.RawMessage
	}
	Why string
}

// exportSystems returns the samples of the systems in a folder.
func exportSystems(dir string) ([]Export, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", exportSamples))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no samples (*/%s) in %s", exportSamples, dir)
	}
	var out []Export
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var list []Export
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, e := range list {
			e.Dir = filepath.Dir(file)
			e.System = filepath.Base(e.Dir)
			out = append(out, e)
		}
	}
	return out, nil
}

// text returns a word of the configuration; empty if it is absent or no text.
func (e *Export) text(word string) string {
	var s string
	_ = json.Unmarshal(e.Config[word], &s) // another type is no text
	return s
}

// list returns a word of the configuration that is a text or a list of texts.
func (e *Export) list(word string) []string { return textsOf(e.Config[word]) }

func textsOf(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var s string
	if json.Unmarshal(raw, &s) == nil && s != "" {
		return []string{s}
	}
	return nil
}

// files returns the names of all files of the sample, each once.
func (e *Export) files() (out []string) {
	seen := map[string]bool{}
	for _, i := range e.Imports {
		for _, f := range i.Files {
			if !seen[f] {
				out = append(out, f)
			}
			seen[f] = true
		}
	}
	return out
}

// exportSource returns the source of the files of a sample, completed by the preset of the system, and the paths of its rules. If the preset has no rules,
// because the columns are the user's own, they come from the configuration.
func exportSource(e *Export) (*v1alpha1.TouchpointSourceSpec, []string, error) {
	spec := &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Files: fileSettings(e)}}
	if e.text("unidentified") == "Keep" {
		spec.Unidentified = v1alpha1.KeepUnidentified
	}
	p := exportPreset(e)
	if p == nil {
		spec.Channel = exportChannel(e)
	} else {
		spec.Preset = v1alpha1.Preset(p.Name)
	}
	if p == nil || len(p.Files.Rules) == 0 && p.Files.Refuse == "" {
		rules, err := exportRules(e, spec)
		if err != nil {
			return nil, nil, err
		}
		spec.Mapping = rules
	}
	return preset.Expand(spec)
}

// exportPreset returns the preset that knows the files of the system, or nil.
func exportPreset(e *Export) *preset.Preset {
	if p := preset.Find(v1alpha1.Preset(e.System)); p != nil && p.Files != nil {
		return p
	}
	return nil
}

// exportChannel is the channel that a user would set: that of the expected events.
func exportChannel(e *Export) v1alpha1.Channel {
	for i := range e.Expect {
		if c := e.Expect[i].Channel; c != "" {
			return v1alpha1.Channel(c)
		}
	}
	return "web"
}

var zoneName = regexp.MustCompile(`\b([A-Z][A-Za-z_]+/[A-Za-z0-9_+/-]+|UTC|GMT)\b[+0-9]*`)

var separatorNames = map[string]v1alpha1.FileSeparator{
	",": v1alpha1.SeparatedByComma, ";": v1alpha1.SeparatedBySemicolon, "\t": v1alpha1.SeparatedByTab,
	"tab": v1alpha1.SeparatedByTab, "|": v1alpha1.SeparatedByVerticalBar,
}

// fileSettings translates the words of the configuration.
func fileSettings(e *Export) *v1alpha1.FilesTransport {
	t := &v1alpha1.FilesTransport{}
	for _, word := range []string{"delimiter", "separator"} {
		if s, ok := separatorNames[e.text(word)]; ok {
			t.Separator = s
		}
	}
	for _, word := range []string{"timeZone", "projectTimeZone", "zone"} {
		found := zoneName.FindAllString(e.text(word), -1)
		if i := slices.IndexFunc(found, func(s string) bool { return strings.Contains(s, "/") }); i >= 0 {
			found = found[i:]
		}
		if len(found) == 0 {
			continue
		}
		if _, err := value.Zone(found[0]); err == nil && !strings.Contains(e.text(word), "header row") {
			t.TimeZone = found[0]
		}
	}
	fileTexts(e, t)
	t.IgnoreRows = []v1alpha1.RowFilter{{Values: []string{"Total", "Totals", "Grand total", "Sum", "Summe", "Gesamt", "Average", "Subtotal"}}}
	return t
}

// fileTexts translates the words on texts, headers and rows.
func fileTexts(e *Export, t *v1alpha1.FilesTransport) {
	if c := e.text("currency"); len(c) == 3 && strings.ToUpper(c) == c {
		t.Currency = c
	}
	for _, name := range strings.FieldsFunc(e.text("encoding"), func(c rune) bool { return strings.ContainsRune(" ,;()", c) }) {
		if strings.ContainsAny(name, "0123456789") && !strings.HasPrefix(strings.ToUpper(name), "UTF") && files.CheckEncoding(name) == nil {
			t.Encoding = name
		}
	}
	var rows int
	if json.Unmarshal(e.Config["headerRows"], &rows) == nil && rows > 1 {
		t.Header = &v1alpha1.FileHeader{Rows: int32(rows)}
	}
	for _, word := range []string{"join", "joinBy"} {
		t.JoinBy = append(t.JoinBy, e.list(word)...)
	}
}

// sampled are the first records of a file, for what a user sees in it.
type sampled struct {
	columns []string
	records []map[string]any
}

// look reads the first records of the files.
func look(e *Export, t *v1alpha1.FilesTransport) (*sampled, error) {
	out := &sampled{}
	for _, name := range e.files() {
		in, err := os.Open(filepath.Join(e.Dir, name))
		if err != nil {
			return nil, err
		}
		err = export.Read(in, t, func(r *export.Record) error {
			if r.Bad == nil && len(out.records) < 1000 {
				out.records = append(out.records, r.Values)
			}
			return nil
		}, func(string) {})
		if closed := in.Close(); err != nil || closed != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	seen := map[string]bool{}
	for _, r := range out.records {
		for c := range r {
			if !seen[c] {
				out.columns = append(out.columns, c)
			}
			seen[c] = true
		}
	}
	slices.Sort(out.columns)
	return out, nil
}

// named returns the first column whose name matches.
func (s *sampled) named(pattern string) string {
	re := regexp.MustCompile(`(?i)` + pattern)
	if i := slices.IndexFunc(s.columns, re.MatchString); i >= 0 {
		return s.columns[i]
	}
	return ""
}

// with returns the column that has one of the values.
func (s *sampled) with(values []string) string {
	for _, c := range s.columns {
		for _, r := range s.records {
			if text, ok := r[c].(string); ok && slices.Contains(values, text) {
				return c
			}
		}
	}
	return ""
}

func cell(column string) string { return "body[" + strconv.Quote(column) + "]" }

func optionalCell(column string) string { return "body[?" + strconv.Quote(column) + "]" }
