// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preset

import (
	"cmp"
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// expandFiles returns the spec of a source of files with what its preset knows of them, and the paths of all rules.
func (p *Preset) expandFiles(spec *v1alpha1.TouchpointSourceSpec) (*v1alpha1.TouchpointSourceSpec, []string, error) {
	if p.Files.Refuse != "" {
		return nil, nil, &Error{"preset", p.Files.Refuse}
	}
	out := spec.DeepCopy()
	out.Preset, out.Channel = "", cmp.Or(out.Channel, p.Channel)
	p.Files.complete(out.Transport.Files)
	own, paths := out.Mapping, []string{}
	if out.Mapping = nil; len(p.Files.Before) > 0 {
		first, firstPaths := (&Preset{Name: p.Name, Rules: p.Files.Before}).Mapping()
		out.Mapping, paths = first[:len(p.Files.Before)], firstPaths[:len(p.Files.Before)]
	}
	for i := range own {
		out.Mapping, paths = append(out.Mapping, own[i]), append(paths, fmt.Sprintf("mapping[%d]", i))
	}
	rules, last := (&Preset{Name: p.Name, Rules: p.Files.Rules}).Mapping()
	if out.Mapping, paths = append(out.Mapping, rules...), append(paths, last...); len(own) == 0 && len(rules) == 0 {
		return nil, nil, &Error{"mapping", fmt.Sprintf("set at least one rule: the columns of exports of %s are your own", p.Title)}
	}
	return out, paths, nil
}

// complete sets what the user did not set.
func (f *Files) complete(t *v1alpha1.FilesTransport) {
	own := f.Settings.DeepCopy()
	for _, field := range []struct{ have, preset *string }{
		{&t.Encoding, &own.Encoding}, {&t.TimeZone, &own.TimeZone}, {&t.Currency, &own.Currency},
	} {
		if *field.have == "" {
			*field.have = *field.preset
		}
	}
	if t.Separator == "" {
		t.Separator = own.Separator
	}
	if t.Header == nil {
		t.Header = own.Header
	}
	if t.JoinBy == nil {
		t.JoinBy = own.JoinBy
	}
	if t.JSONColumns == nil {
		t.JSONColumns = own.JSONColumns
	}
	if t.IgnoreRows == nil {
		t.IgnoreRows = own.IgnoreRows
	}
	if t.Members == nil {
		t.Members = own.Members
	}
}
