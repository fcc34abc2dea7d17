// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// zipOf opens a ZIP archive of exported files; nil if the file is something else. A document of Office is a ZIP archive, too, and is left to package
// files, which says what to do with it.
func zipOf(from Source) (*zip.Reader, error) {
	head := make([]byte, 4)
	if _, err := from.ReadAt(head, 0); err != nil || string(head) != "PK\x03\x04" {
		return nil, nil //nolint:nilerr // A file with fewer bytes is no archive, and reading it again shows its problem.
	}
	size, err := from.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = from.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(from, size)
	if err != nil {
		return nil, fmt.Errorf("the ZIP archive is damaged or truncated (%w): download it again", err)
	}
	for _, m := range z.File {
		if m.Name == "[Content_Types].xml" || m.Name == "mimetype" || strings.HasPrefix(m.Name, "Index/") {
			return nil, nil
		}
	}
	return z, nil
}

// hidden are files that archivers of some systems add.
func hidden(name string) bool {
	return strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(path.Base(name), ".")
}

// archive reads the members in the order of their names, so that an archive that was packed again gives the same records.
func (r *reader) archive(z *zip.Reader) error {
	members := slices.DeleteFunc(slices.Clone(z.File), func(m *zip.File) bool { return hidden(m.Name) || !r.wants(path.Base(m.Name)) })
	slices.SortFunc(members, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	if len(members) == 0 {
		return errors.New("the ZIP archive has no file to read: see members")
	}
	for _, m := range members {
		r.member = path.Base(m.Name)
		if len(members) == 1 && len(r.settings.Members) == 0 {
			r.member = "" // A file that is only compressed gives the same records as the file itself.
		}
		if err := r.oneOf(m); err != nil {
			return fmt.Errorf("%s in the archive: %w", m.Name, err)
		}
	}
	return nil
}

func (r *reader) oneOf(m *zip.File) (err error) {
	if m.Flags&1 != 0 {
		return errors.New("it is encrypted: unpack the archive with its password")
	}
	in, err := m.Open()
	if err != nil {
		return fmt.Errorf("cannot be unpacked: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return r.file(in)
}

// wants reports whether the settings name a member.
func (r *reader) wants(name string) bool {
	return len(r.settings.Members) == 0 || Matches(r.settings.Members, name)
}

// Matches reports whether one of the patterns matches a name, regardless of case.
func Matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return like(strings.ToLower(p), strings.ToLower(name)) })
}

// like compares a text with a pattern, in which an asterisk stands for any characters.
func like(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}
