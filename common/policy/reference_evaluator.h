// For tests: a second evaluator, slow and written straight from what AWS documents, that shares no
// code with the real one. It reads the JSON anew for each question, tries wildcards by plain
// recursion, and holds the whole request in a map.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/policy/principal.h"

namespace angophora::policy::reference {

using Keys = std::map<std::string, std::vector<std::string>>;  // lower case

struct Question {
  Principal principal;
  std::string action, resource, resource_account;
  Keys keys = {};  // of the request; those of the principal are added
  std::vector<std::string> account_policies = {}, identity_policies = {};  // JSON, as all below
  std::optional<std::string> boundary = {}, resource_policy = {};
  std::optional<std::vector<std::string>> session_policies = {};
  bool resource_must_allow = false;
  enum { no_grant, account_grant, direct_grant } grant = no_grant;
};

enum class Answer { allowed, denied_explicitly, denied_implicitly };

Answer answer(const Question& question);

}  // namespace angophora::policy::reference
