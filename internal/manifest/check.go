// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/config/crd"
)

// Checker checks objects as the API server does: by their schema, and the rules in it.
type Checker struct {
	// kinds by apiVersion and kind.
	kinds map[string]*kindChecker
}

// kindChecker checks objects of one version of one kind.
type kindChecker struct {
	structural *structural.Structural
	schema     validation.SchemaCreateValidator
	rules      *cel.Validator
}

// NewChecker returns a checker with the CRDs of this version of the project.
func NewChecker() (*Checker, error) {
	c := &Checker{kinds: map[string]*kindChecker{}}
	files, err := fs.Glob(crd.Bases, "bases/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		raw, err := crd.Bases.ReadFile(file)
		if err != nil {
			return nil, err
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(raw, definition); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for i := range definition.Spec.Versions {
			v := &definition.Spec.Versions[i]
			k, err := newKindChecker(v.Schema.OpenAPIV3Schema)
			if err != nil {
				return nil, fmt.Errorf("%s: version %s: %w", file, v.Name, err)
			}
			c.kinds[definition.Spec.Group+"/"+v.Name+" "+definition.Spec.Names.Kind] = k
		}
	}
	return c, nil
}

func newKindChecker(v1 *apiextensionsv1.JSONSchemaProps) (*kindChecker, error) {
	schema := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v1, schema, nil); err != nil {
		return nil, err
	}
	s, err := structural.NewStructural(schema)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(schema)
	if err != nil {
		return nil, err
	}
	return &kindChecker{structural: s, schema: validator, rules: cel.NewValidator(s, true, celconfig.PerCallLimit)}, nil
}

// Check returns all errors of an object, as the API server reports them when the object is created. Numbers have to be int64 or float64, as in JSON
// decoded for Kubernetes.
func (c *Checker) Check(ctx context.Context, u *unstructured.Unstructured) error {
	k, ok := c.kinds[u.GetAPIVersion()+" "+u.GetKind()]
	if !ok {
		return fmt.Errorf("there is no kind %q in %s", u.GetKind(), u.GetAPIVersion())
	}
	errs := validation.ValidateCustomResource(nil, u.Object, k.schema)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, k.structural, u.Object)...)
	if k.rules != nil {
		broken, _ := k.rules.Validate(ctx, nil, k.structural, u.Object, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, said(broken, len(errs) > 0)...)
	}
	return aggregate(k.explain(errs, u.GetName()))
}

// said returns the errors of the rules. The API server does not evaluate them if the schema is violated. Here they are evaluated, so that all errors
// are reported at once, but rules that could not be evaluated are ignored then.
func said(broken field.ErrorList, schemaBroken bool) field.ErrorList {
	if !schemaBroken {
		return broken
	}
	var out field.ErrorList
	for _, e := range broken {
		unevaluated := slices.ContainsFunc([]string{"evaluat", "budget", "no such"}, func(word string) bool { return strings.Contains(e.Detail, word) })
		if e.Type == field.ErrorTypeInvalid && !unevaluated {
			out = append(out, e)
		}
	}
	return out
}

// Wrong holds all errors of an object.
type Wrong struct {
	List field.ErrorList
}

// Error lists the errors, each with its field.
func (w *Wrong) Error() string { return w.List.ToAggregate().Error() }

func aggregate(errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return &Wrong{List: errs}
}
