// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preset

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files/settings"
)

// ExpandFiles returns the spec and the settings for the files of a system, with what its preset knows, and the paths of the rules. What it is given is not
// changed.
func (p *Preset) ExpandFiles(spec *v1alpha1.TouchpointSourceSpec, given *settings.Files) (*v1alpha1.TouchpointSourceSpec, *settings.Files, []string, error) {
	out, set := spec.DeepCopy(), *given
	if out.Channel == "" {
		out.Channel = p.Channel
	}
	if p.Files.Refuse != "" {
		return nil, nil, nil, &Error{"preset", p.Files.Refuse}
	}
	p.Files.complete(&set)
	for _, field := range p.Files.Needs {
		has := map[string]bool{"timeZone": set.TimeZone != "", "currency": set.Currency != ""}
		if !has[field] {
			return nil, nil, nil, &Error{field, fmt.Sprintf("set it: the exports of %s do not say it", p.Title)}
		}
	}
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
		return nil, nil, nil, &Error{"mapping", fmt.Sprintf("set at least one rule: the columns of exports of %s are your own", p.Title)}
	}
	return out, &set, paths, nil
}

// complete sets what the user did not set.
func (f *Files) complete(t *settings.Files) {
	own := f.Settings
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
