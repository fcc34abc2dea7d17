// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// sourceAndFile splits "SOURCE=FILE", unless there is a file with that name.
func sourceAndFile(arg string) (source, path string) {
	source, path, ok := strings.Cut(arg, "=")
	if !ok || !sourceForm.MatchString(source) {
		return "", arg
	}
	if _, err := os.Stat(arg); err == nil {
		return "", arg
	}
	return source, path
}

// sourceForm is the form of names of TouchpointSources.
var sourceForm = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

// choose sets the source in the argument of a file, until the returned function is called.
func (f *Filler) choose(arg string) (path string, undo func(), err error) {
	source, path := sourceAndFile(arg)
	fallback, chosen := f.fallback, f.chosen
	undo = func() { f.fallback, f.chosen = fallback, chosen }
	flag := "--source " + f.fallback
	if source != "" {
		f.fallback, f.chosen, flag = source, true, arg
	}
	switch {
	case !f.chosen || f.specs[f.fallback] != nil:
	case f.made:
		f.makeUp(f.fallback)
	default:
		err = fmt.Errorf("%s: the manifests have no TouchpointSource %q, but %s; for a single file you can set %s", flag, f.fallback,
			strings.Join(f.known, ", "), settingList)
	}
	f.out.file = path
	return path, undo, err
}

// makeUp reads the rows of a source in the plain form if the manifests have no sources.
func (f *Filler) makeUp(source string) {
	f.set.AddSource(source)
	f.specs[source] = &v1alpha1.TouchpointSourceSpec{}
	f.out.Notes = append(f.out.Notes, fmt.Sprintf("the manifests have no TouchpointSource, so the rows for %q are read in the plain form", source))
}

// mapped reports whether rules create the events of a source.
func (f *Filler) mapped(source string) bool {
	spec := f.specs[source]
	return spec != nil && (spec.Preset != "" || len(spec.Mapping) > 0)
}

// maxStrange is the number of unknown sources that are remembered for a note.
const maxStrange = 20

// sourceOf returns the source of a row: the one that it names, otherwise the fallback. A name that is not in the manifests is refused. If there are
// no sources at all, or if one was requested, it is a note.
func (f *Filler) sourceOf(row map[string]any, name string) (string, *reject.Rejection) {
	if _, known := f.specs[name]; known {
		return name, nil
	}
	// In a document of a sender, a field with that name has its own meaning.
	_, cloudEvent := row["specversion"].(string)
	if name == "" || cloudEvent || f.mapped(f.fallback) {
		if f.fallback != "" {
			return f.fallback, nil
		}
		name = ""
	}
	switch {
	case name == "":
		return "", reject.New(reject.UnknownSource, "source",
			fmt.Sprintf("the row names no source: add a column \"source\" with one of %s, or give the file as --events SOURCE=FILE", strings.Join(f.known, ", ")))
	case f.fallback != "" && (f.made || f.chosen):
		if _, ok := f.strange[name]; ok || len(f.strange) < maxStrange {
			f.strange[name]++
		}
		return f.fallback, nil
	}
	return "", reject.New(reject.UnknownSource, "source", fmt.Sprintf("the manifests have no TouchpointSource %q, but %s: "+
		"correct the name, rename the column if it has another meaning, or read all rows as events of one source with --events SOURCE=FILE",
		name, strings.Join(f.known, ", ")))
}

// strangers notes the sources in rows that are not in the manifests.
func (f *Filler) strangers() []string {
	if len(f.strange) == 0 {
		return nil
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(f.strange)) {
		list = append(list, fmt.Sprintf("%q (%s)", name, value.Counted(f.strange[name], "row")))
	}
	clear(f.strange)
	return []string{fmt.Sprintf("the column source has names that are not TouchpointSources of the manifests, so the rows count for %q: %s",
		f.fallback, strings.Join(list, ", "))}
}
