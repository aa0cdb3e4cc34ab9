// What a request is about, as policies name it: the ARNs of the objects that its parameters name or
// that it is going to make.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clc/actions/action.h"
#include "common/policy/evaluate.h"

namespace angophora::clc {

struct RequestedResource {
  std::string arn;  // "*" for what has none: lists, and actions about no object
  std::string id;   // of an EC2 object that is there, for its tags
  // What must be allowed with it when that is not the action itself: iam:PassRole.
  std::string action = {};
  // Of a role that somebody wants to take on: whose it is and who may (sts:AssumeRole).
  std::string account = {};
  std::optional<policy::NamedPolicy> trust = {};
};

// Of EC2 and IAM as AWS' service authorization reference says, apart from EC2's Describe actions,
// which are about "*". At least one; the caller must be allowed to act on each of them.
Result<std::vector<RequestedResource>> resources_of(Tx& tx, const Action& action,
                                                    const Parameters& parameters,
                                                    const Caller& caller, std::string_view region);

// The values of a parameter: NAME, or NAME.1, NAME.2 and so on.
std::vector<std::string> values_of(const Parameters& parameters, const std::string& name);

}  // namespace angophora::clc
