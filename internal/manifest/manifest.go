// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package manifest reads the project's kinds from YAML files and checks them as the API server would, without a cluster: the schema of the CRDs,
// their rules, and no unknown fields.
package manifest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// maxFile bounds the size of one file of manifests.
const maxFile = 16 << 20

// Set is what was found, in the order of the files.
type Set struct {
	Stores  []*v1alpha1.EventStore
	Sources []*v1alpha1.TouchpointSource
	Maps    []*v1alpha1.JourneyMap
	Reports []*v1alpha1.MetricReport
	// Faulty are objects that the API server would refuse, as far as they can be read: so all mistakes are named at once, and no object is
	// called missing that is there.
	Faulty *Set
}

// Load reads files, folders (their .yaml, .yml and .json files, not below) and "-" for stdin. Objects of other groups are
// passed over. The error lists everything that is wrong, with file, object and field.
func Load(ctx context.Context, paths []string, stdin io.Reader) (*Set, error) {
	checker, err := NewChecker()
	if err != nil {
		return nil, err
	}
	set, errs := &Set{Faulty: &Set{}}, []error{}
	for _, path := range paths {
		files, err := expand(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			raw, err := read(file, stdin)
			if err != nil {
				return nil, err
			}
			for _, err := range set.add(ctx, checker, raw) {
				errs = append(errs, fmt.Errorf("%s: %w", file, err))
			}
		}
	}
	if len(errs) == 0 {
		set.Faulty = nil
	}
	return set, errors.Join(errs...)
}

func expand(path string) ([]string, error) {
	if path == "-" {
		return []string{path}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(e.Name())) && e.Name() != "kustomization.yaml" {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: %w: no .yaml, .yml or .json file", path, fs.ErrNotExist)
	}
	return files, nil
}

func read(file string, stdin io.Reader) ([]byte, error) {
	from := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // Only read.
		from = f
	}
	raw, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	if err == nil && len(raw) > maxFile {
		err = fmt.Errorf("%s: more than %d bytes of manifests", file, maxFile)
	}
	return raw, err
}

// add takes the documents of a file.
func (s *Set) add(ctx context.Context, c *Checker, raw []byte) (errs []error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(raw)))
	for {
		doc, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return errs
		}
		if err != nil {
			return append(errs, err)
		}
		object := &unstructured.Unstructured{}
		asJSON, err := yaml.YAMLToJSONStrict(doc)
		if err == nil {
			// This decoder tells whole numbers from others, as the rules of a CRD need it.
			err = json.Unmarshal(asJSON, &object.Object)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if len(object.Object) == 0 {
			continue
		}
		if object.IsList() {
			err = object.EachListItem(func(item runtime.Object) error { return s.addObject(ctx, c, item.(*unstructured.Unstructured)) })
		} else {
			err = s.addObject(ctx, c, object)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
}

func (s *Set) addObject(ctx context.Context, c *Checker, u *unstructured.Unstructured) error {
	if group, _, _ := strings.Cut(u.GetAPIVersion(), "/"); group != v1alpha1.GroupVersion.Group {
		return nil
	}
	name := fmt.Sprintf("%s %s", u.GetKind(), u.GetName())
	if u.GetNamespace() == "" {
		u.SetNamespace("default")
	}
	wrong := c.Check(ctx, u)
	if wrong == nil {
		if wrong = s.convert(u, true); wrong == nil {
			return nil
		}
	} else if err := (&Set{}).convert(u, true); runtime.IsStrictDecodingError(err) {
		wrong = errors.Join(wrong, err) // Unknown fields are named beside what is wrong with the known ones.
	}
	if err := s.Faulty.convert(readable(u), false); err != nil {
		return fmt.Errorf("%s: %w", name, errors.Join(wrong, err))
	}
	return fmt.Errorf("%s: %w", name, wrong)
}

// readable gives the object with those fields of its spec alone that have the right types.
func readable(u *unstructured.Unstructured) *unstructured.Unstructured {
	out := u.DeepCopy()
	spec, ok := out.Object["spec"].(map[string]any)
	if !ok {
		delete(out.Object, "spec")
		return out
	}
	delete(out.Object, "status")
	for name, v := range spec {
		out.Object["spec"] = map[string]any{name: v}
		if (&Set{}).convert(out, false) != nil {
			delete(spec, name)
		}
	}
	out.Object["spec"] = spec
	return out
}

func (s *Set) convert(u *unstructured.Unstructured, strict bool) error {
	switch u.GetKind() {
	case "EventStore":
		return convert(u, &s.Stores, strict)
	case "TouchpointSource":
		return convert(u, &s.Sources, strict)
	case "JourneyMap":
		return convert(u, &s.Maps, strict)
	case "MetricReport":
		return convert(u, &s.Reports, strict)
	}
	return nil
}

func convert[T any](u *unstructured.Unstructured, list *[]*T, strict bool) error {
	object := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(u.Object, object, strict); err != nil {
		return err
	}
	*list = append(*list, object)
	return nil
}
