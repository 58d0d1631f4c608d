/**
 * The kinds of the group {@code urvpn.io}, version {@code v1alpha1}, as records, with the words that their fields and
 * conditions use. The CustomResourceDefinitions under {@code crds/} are generated from this package.
 *
 * <p>An enum value that this version does not know is read as {@code null} (see {@link io.urvpn.api.v1alpha1.Serialization}),
 * so that one object written by a newer version does not stop an informer for all the others.
 */
package io.urvpn.api.v1alpha1;
