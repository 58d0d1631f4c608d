package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	helmv2 "github.com/fluxcd/helm-controller/api/v2"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/runtime/cel"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

type evaluators map[schema.GroupKind]*cel.StatusEvaluator

// readFlux reads each document for Flux into its Go type, which refuses unknown and doubled fields, and compiles the health
// check expressions.
func readFlux(directory string) (evaluators, error) {
	files, err := filepath.Glob(filepath.Join(directory, "*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no file in %s: %w", directory, err)
	}
	all := evaluators{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, document := range bytes.Split(content, []byte("\n---\n")) {
			if err := readDocument(document, all); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return all, nil
}

func readDocument(document []byte, all evaluators) error {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal(document, &head); err != nil {
		return err
	}
	switch head.APIVersion + " " + head.Kind {
	case kustomizev1.GroupVersion.String() + " Kustomization":
		var kustomization kustomizev1.Kustomization
		if err := yaml.UnmarshalStrict(document, &kustomization); err != nil {
			return err
		}
		for _, check := range kustomization.Spec.HealthCheckExprs {
			evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
			if err != nil {
				return err
			}
			all[schema.FromAPIVersionAndKind(check.APIVersion, check.Kind).GroupKind()] = evaluator
		}
		return nil
	case helmv2.GroupVersion.String() + " HelmRelease":
		return yaml.UnmarshalStrict(document, &helmv2.HelmRelease{})
	case sourcev1.GroupVersion.String() + " GitRepository":
		return yaml.UnmarshalStrict(document, &sourcev1.GitRepository{})
	}
	return fmt.Errorf("%s %s is not a kind that the examples have", head.APIVersion, head.Kind)
}
