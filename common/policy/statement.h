// The compiled form of a statement. Private to the folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/policy/condition.h"
#include "common/policy/pattern.h"
#include "common/policy/principal.h"

namespace angophora::policy {

// One entry of a Principal element.
struct PrincipalPattern {
  enum class Kind {
    everyone,
    account,    // value: 12 digits
    arn,        // of a user, role or session
    id,         // AIDA…, AROA…
    canonical,  // of an account
    service,
    federated,
  };
  Kind kind;
  std::string value;

  // PolicyErrc::malformed. `type` is AWS, Service, Federated or CanonicalUser.
  static common::Result<PrincipalPattern> compile(std::string_view type, std::string_view text);
};

// How closely an entry fits who asks: that decides what else must allow the request.
enum class Grip {
  none,
  account,  // the account, which may hand it on with policies of its own
  issuer,   // the role or user behind a session: boundary and session policies still limit it
  direct,
};
Grip grip(const PrincipalPattern& pattern, const Principal& principal);

struct Statement {
  enum class Effect { allow, deny, limit };

  std::string sid;
  std::size_t number = 0;  // from 1, as in the document
  Effect effect = Effect::deny;
  bool not_principal = false, not_action = false, not_resource = false;
  std::vector<PrincipalPattern> principals;  // empty in identity policies
  std::vector<Pattern> actions;              // of lower-case text
  std::vector<ArnPattern> resources;         // empty in trust policies: the role itself
  std::vector<Condition> conditions;
  std::vector<std::pair<std::string, std::int64_t>> limits;  // of the effect limit: key, maximum

  // What of a request the statement looks at.
  struct Subject {
    const Principal& principal;
    bool has_boundary;
    std::string_view action;  // lower case
    std::optional<ArnPattern::Parts> resource;
  };
  // Each part by itself, so that explain() can say which one does not fit.
  Grip fits_principal(const Subject& subject) const;
  bool fits_action(const Subject& subject, Lookup& request) const;
  bool fits_resource(const Subject& subject, Lookup& request) const;
  const Condition* failing_condition(Lookup& request) const;

  // Grip::none when it does not apply.
  Grip applies(const Subject& subject, Lookup& request) const;
};

}  // namespace angophora::policy
