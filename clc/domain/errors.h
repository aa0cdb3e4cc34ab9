// What can be wrong with a request whatever it is about, and with the objects of this daemon.
// clc/http/wire_errors.cc gives each its EC2 name.
#pragma once

#include "common/base/result.h"

namespace angophora::clc {

enum class RequestErrc {
  missing_parameter = 1,
  unknown_parameter,
  invalid_value,          // a value outside what the parameter takes
  invalid_combination,    // parameters that exclude each other
  unsupported_parameter,  // EC2 knows it, this cloud does not offer it
  unsupported_operation,
  bad_filter,
  bad_next_token,
  dry_run_succeeded,
  client_token_mismatch,  // the same ClientToken with other parameters
  not_permitted,
  unknown_action,
  missing_action,
  unknown_path,
  too_large,
  body_timed_out,
};
std::string_view to_string(RequestErrc e);

enum class KeyPairErrc { not_found = 1, id_not_found, duplicate, bad_format, too_many };
std::string_view to_string(KeyPairErrc e);

enum class GroupErrc {
  not_found = 1,
  malformed_id,
  duplicate,
  reserved_name,
  cannot_delete_default,
  in_use,
  bad_rule,
  duplicate_rule,
  rule_not_found,
  rule_id_not_found,
  too_many_groups,
  too_many_rules,
  vpc_not_found,
};
std::string_view to_string(GroupErrc e);

enum class ZoneErrc { not_found = 1, region_not_found };
std::string_view to_string(ZoneErrc e);

enum class ServiceErrc { not_found = 1, exists, bad_type, in_use, bad_state };
std::string_view to_string(ServiceErrc e);

enum class IdentityErrc {
  not_found = 1,
  exists,
  conflict,          // something else still needs it
  limit_exceeded,    // the account or user has as many as it may
  invalid_input,     // what IAM calls so: well-formed, and still not possible
  bad_certificate,   // not one X.509 certificate in PEM
  certificate_used,  // somebody has it already
  key_unknown,       // no such access key
  key_inactive,
  token_invalid,  // of temporary credentials: not of this cloud, or of nobody any more
  token_expired,
};
std::string_view to_string(IdentityErrc e);

// What is wrong with a SOAP message of a user, before its action is looked at.
enum class UserMessageErrc {
  malformed = 1,   // not the shape that such messages have
  bad_signature,   // unsigned, altered, or signed in a way that is not taken
  unknown_signer,  // nobody has the certificate
  expired,         // or from the future
  replayed,
  too_many,  // more messages of one user than are remembered
};
std::string_view to_string(UserMessageErrc e);

}  // namespace angophora::clc

ANGOPHORA_ERROR_ENUM(angophora::clc, RequestErrc)
ANGOPHORA_ERROR_ENUM(angophora::clc, KeyPairErrc)
ANGOPHORA_ERROR_ENUM(angophora::clc, GroupErrc)
ANGOPHORA_ERROR_ENUM(angophora::clc, ZoneErrc)
ANGOPHORA_ERROR_ENUM(angophora::clc, ServiceErrc)
ANGOPHORA_ERROR_ENUM(angophora::clc, IdentityErrc)
ANGOPHORA_ERROR_ENUM(angophora::clc, UserMessageErrc)
