// Two settings of a bucket about access: whether anything in it may be public, and whose its
// objects are.
#pragma once

#include <optional>
#include <string>

#include "walrus/documents/shape.h"

namespace angophora::walrus {

extern const Shape kPublicAccessShape;
extern const Shape kOwnershipShape;

extern const Shape kPaymentShape;

// Whether strangers must say that they would pay, as a bucket asks with ?requestPayment.
bool lets_requester_pay(const xml::Element& root);

struct PublicAccessBlock {
  bool block_acls = false;        // refuses lists that make something public
  bool ignore_acls = false;       // acts as if such lists were not there
  bool block_policy = false;      // refuses a policy that makes the bucket public
  bool restrict_buckets = false;  // a public policy lets nobody in but the account
};
PublicAccessBlock public_access_of(const xml::Element& root);

enum class Ownership {
  object_writer,           // who writes it, with lists for others
  bucket_owner_preferred,  // the bucket's owner, when the list is bucket-owner-full-control
  bucket_owner_enforced,   // the bucket's owner, and lists mean nothing
};
std::optional<Ownership> parse_ownership(std::string_view name);
Ownership ownership_of(const xml::Element& root);
std::string ownership_inner_xml(std::string_view name);

}  // namespace angophora::walrus
