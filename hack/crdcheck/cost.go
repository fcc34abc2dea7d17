// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// report is the size and cost of a CRD.
type report struct {
	// Name of the CRD.
	Name string
	// Bytes of the file.
	Bytes int
	// Rules is the number of CEL rules. Total is their estimated worst-case cost, in units of the API server.
	Rules int
	Total uint64
	// Dearest is the highest cost of a rule, and the place of that rule.
	Dearest     uint64
	DearestPath string
}

// measure computes the cost of a CRD in YAML exactly as the API server does when the CRD is created. It returns an error if a rule does not compile.
func measure(raw []byte) (report, error) {
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(raw, crd); err != nil {
		return report{}, err
	}
	r := report{Name: crd.Name, Bytes: len(raw)}
	for _, version := range crd.Spec.Versions {
		if version.Schema == nil || version.Schema.OpenAPIV3Schema == nil {
			return r, fmt.Errorf("%s: version %s has no schema", crd.Name, version.Name)
		}
		schema := &apiextensions.JSONSchemaProps{}
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, schema, nil); err != nil {
			return r, err
		}
		m := meter{report: &r, env: environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())}
		m.visit(validation.RootCELContext(schema), schema, field.NewPath(version.Name))
		if err := errors.Join(m.errs...); err != nil {
			return r, fmt.Errorf("%s: %w", crd.Name, err)
		}
	}
	return r, nil
}

// meter walks a schema and adds up the cost of its rules.
type meter struct {
	report *report
	env    *environment.EnvSet
	errs   []error
}

func (m *meter) visit(ctx *validation.CELSchemaContext, s *apiextensions.JSONSchemaProps, path *field.Path) {
	if len(s.XValidations) > 0 {
		m.rules(ctx, path)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		m.visit(ctx.ChildPropertyContext(&p, name), &p, path.Child(name))
	}
	if s.Items != nil && s.Items.Schema != nil {
		m.visit(ctx.ChildItemsContext(s.Items.Schema), s.Items.Schema, path.Key("*"))
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		m.visit(ctx.ChildAdditionalPropertiesContext(s.AdditionalProperties.Schema), s.AdditionalProperties.Schema, path.Key("*"))
	}
}

// rules adds the rules of one node of the schema.
func (m *meter) rules(ctx *validation.CELSchemaContext, path *field.Path) {
	info, err := ctx.TypeInfo()
	if err != nil || info == nil {
		m.errs = append(m.errs, fmt.Errorf("%s: no type for CEL: %w", path, err))
		return
	}
	compiled, err := cel.Compile(info.Schema, info.DeclType, celconfig.PerCallLimit, m.env, cel.NewExpressionsEnvLoader())
	if err != nil {
		m.errs = append(m.errs, fmt.Errorf("%s: %w", path, err))
		return
	}
	for i, c := range compiled {
		if c.Error != nil {
			m.errs = append(m.errs, fmt.Errorf("%s, rule %d: %w", path, i, c.Error))
		}
		if c.MessageExpressionError != nil {
			m.errs = append(m.errs, fmt.Errorf("%s, message of rule %d: %w", path, i, c.MessageExpressionError))
		}
		m.add(times(c.MaxCost, cardinality(ctx, c)), path.Index(i).String())
	}
}

func (m *meter) add(cost uint64, path string) {
	m.report.Rules++
	if m.report.Total > math.MaxUint64-cost {
		m.report.Total = math.MaxUint64
	} else {
		m.report.Total += cost
	}
	if cost > m.report.Dearest || m.report.Rules == 1 {
		m.report.Dearest, m.report.DearestPath = cost, path
	}
}

// cardinality returns how often a rule can be evaluated for one object. This follows from the limits of the lists above it or, without limits, from
// the maximum size of a request.
func cardinality(ctx *validation.CELSchemaContext, c cel.CompilationResult) uint64 {
	if ctx.MaxCardinality != nil {
		return *ctx.MaxCardinality
	}
	return c.MaxCardinality
}

// times multiplies, and saturates on overflow.
func times(a, b uint64) uint64 {
	if a != 0 && b > math.MaxUint64/a {
		return math.MaxUint64
	}
	return a * b
}
