// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package manifest reads the project's kinds from YAML files and checks them as the API server does, without a cluster: the schema of the CRDs, their
// rules, and no unknown fields.
package manifest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxFile is the size of one file of manifests.
const maxFile = 16 << 20

// Set holds the objects, in the order of the files.
type Set struct {
	Stores  []*v1alpha1.EventStore
	Sources []*v1alpha1.TouchpointSource
	Maps    []*v1alpha1.JourneyMap
	Reports []*v1alpha1.MetricReport
	// Faulty are objects that the API server would refuse, as far as they can be read, so that all errors are reported at once, and no existing object
	// is reported as missing.
	Faulty *Set

	// wrong holds the errors of faulty objects, by their key.
	wrong map[string]*Wrong
	// explicit are the namespaces that objects name, and passedOver the skipped kinds of other groups.
	explicit, passedOver []string
}

// Says reports whether the error of Load already names the field of the object.
func (s *Set) Says(kind, namespace, name, path string) bool {
	w := s.wrong[key(kind, namespace, name)]
	return w != nil && w.Says(path)
}

func key(kind, namespace, name string) string { return kind + " " + namespace + "/" + name }

// Load reads files, folders (their .yaml, .yml and .json files, without hidden ones and subfolders) and "-" for stdin. It skips objects of other
// groups. Objects without a namespace are in the one that all others name, otherwise in "default". The error lists all errors, with file, object and
// field.
func Load(ctx context.Context, paths []string, stdin io.Reader) (*Set, error) {
	checker, err := NewChecker()
	if err != nil {
		return nil, err
	}
	set, errs := &Set{Faulty: &Set{}, wrong: map[string]*Wrong{}}, []error{}
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
	set.place()
	if len(errs) == 0 {
		if set.empty() {
			return nil, set.nothing(paths)
		}
		set.Faulty = nil
	}
	return set, errors.Join(errs...)
}

// place sets the namespace of objects that name none.
func (s *Set) place() {
	namespace := "default"
	if len(s.explicit) == 1 {
		namespace = s.explicit[0]
	}
	for _, part := range []*Set{s, s.Faulty} {
		for _, list := range [][]metav1.Object{objects(part.Stores), objects(part.Sources), objects(part.Maps), objects(part.Reports)} {
			for _, o := range list {
				o.SetNamespace(cmp.Or(o.GetNamespace(), namespace))
			}
		}
	}
	for k, w := range s.wrong {
		if kind, name, ok := strings.Cut(k, " /"); ok {
			s.wrong[key(kind, namespace, name)] = w
		}
	}
}

func objects[T metav1.Object](list []T) []metav1.Object {
	out := make([]metav1.Object, 0, len(list))
	for _, o := range list {
		out = append(out, o)
	}
	return out
}

func (s *Set) empty() bool {
	return len(s.Stores)+len(s.Sources)+len(s.Maps)+len(s.Reports) == 0
}

// nothing returns the error for files without any object of journeyman.dev, because a check of nothing is no success.
func (s *Set) nothing(paths []string) error {
	err := fmt.Errorf("no object of %s in %s", v1alpha1.GroupVersion.Group, strings.Join(paths, ", "))
	if len(s.passedOver) > 0 {
		err = fmt.Errorf("%w, but %s", err, strings.Join(s.passedOver, ", "))
	}
	return err
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
		hidden := strings.HasPrefix(e.Name(), ".") // such as files of editors
		if !e.IsDir() && !hidden && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(e.Name())) && e.Name() != "kustomization.yaml" {
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
		defer func() { _ = f.Close() }() // it was only read
		from = f
	}
	raw, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	if err == nil && len(raw) > maxFile {
		err = fmt.Errorf("%s: more than %d bytes of manifests", file, maxFile)
	}
	return raw, err
}

// add adds the documents of a file.
func (s *Set) add(ctx context.Context, c *Checker, raw []byte) (errs []error) {
	reader, at := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(raw))), 0
	for {
		doc, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return errs
		}
		if err != nil {
			return append(errs, err)
		}
		above := 0
		if i := bytes.Index(raw[at:], doc); i >= 0 {
			above = bytes.Count(raw[:at+i], []byte("\n"))
			at += i + len(doc)
		}
		object := &unstructured.Unstructured{}
		asJSON, err := yaml.YAMLToJSONStrict(doc)
		if err == nil {
			// This decoder distinguishes whole numbers, as the rules of a CRD require.
			err = json.Unmarshal(asJSON, &object.Object)
		}
		if err != nil {
			errs = append(errs, inFile(err, above))
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
	name := fmt.Sprintf("%s %s", u.GetKind(), u.GetName())
	if group, _, _ := strings.Cut(u.GetAPIVersion(), "/"); group != v1alpha1.GroupVersion.Group {
		if c.meant(group, u.GetKind()) {
			return fmt.Errorf("%s: this kind has no apiVersion %q: use %s", name, u.GetAPIVersion(), v1alpha1.GroupVersion)
		}
		s.passOver(u)
		return nil
	}
	if ns := u.GetNamespace(); ns != "" && !slices.Contains(s.explicit, ns) {
		s.explicit = append(s.explicit, ns)
	}
	wrong := c.Check(ctx, u)
	if w := (*Wrong)(nil); errors.As(wrong, &w) {
		s.wrong[key(u.GetKind(), u.GetNamespace(), u.GetName())] = w
	}
	if wrong == nil {
		if wrong = s.convert(u, true); wrong == nil {
			return nil
		}
	} else if err := (&Set{}).convert(u, true); runtime.IsStrictDecodingError(err) {
		wrong = errors.Join(wrong, err) // Unknown fields are reported in addition to errors in the known ones.
	}
	if err := s.Faulty.convert(readable(u), false); err != nil {
		return fmt.Errorf("%s: %w", name, errors.Join(wrong, err))
	}
	return fmt.Errorf("%s: %w", name, wrong)
}

// maxPassedOver is the number of skipped kinds that a message names.
const maxPassedOver = 5

func (s *Set) passOver(u *unstructured.Unstructured) {
	if what := fmt.Sprintf("%s of %s", u.GetKind(), u.GetAPIVersion()); len(s.passedOver) < maxPassedOver && !slices.Contains(s.passedOver, what) {
		s.passedOver = append(s.passedOver, what)
	}
}

// meant reports whether an object of another group is probably meant to be one of journeyman.dev, with a typo in its apiVersion.
func (c *Checker) meant(group, kind string) bool {
	_, ours := c.kinds[v1alpha1.GroupVersion.String()+" "+kind]
	return ours && (!strings.Contains(group, ".") || value.Similar(group, v1alpha1.GroupVersion.Group))
}

// readable returns the object with only those fields of its spec that have the right types.
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
