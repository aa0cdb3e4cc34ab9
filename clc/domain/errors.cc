#include "clc/domain/errors.h"

namespace angophora::clc {

std::string_view to_string(RequestErrc e) {
  switch (e) {
    case RequestErrc::missing_parameter:
      return "missing parameter";
    case RequestErrc::unknown_parameter:
      return "unknown parameter";
    case RequestErrc::invalid_value:
      return "invalid value";
    case RequestErrc::invalid_combination:
      return "invalid combination";
    case RequestErrc::unsupported_parameter:
      return "unsupported parameter";
    case RequestErrc::unsupported_operation:
      return "unsupported operation";
    case RequestErrc::bad_filter:
      return "bad filter";
    case RequestErrc::bad_next_token:
      return "bad next token";
    case RequestErrc::dry_run_succeeded:
      return "dry run succeeded";
    case RequestErrc::client_token_mismatch:
      return "client token mismatch";
    case RequestErrc::not_permitted:
      return "not permitted";
    case RequestErrc::unknown_action:
      return "unknown action";
    case RequestErrc::missing_action:
      return "missing action";
    case RequestErrc::unknown_path:
      return "unknown path";
    case RequestErrc::too_large:
      return "too large";
    case RequestErrc::body_timed_out:
      return "body timed out";
  }
  return "unknown";
}

std::string_view to_string(KeyPairErrc e) {
  switch (e) {
    case KeyPairErrc::not_found:
      return "not found";
    case KeyPairErrc::id_not_found:
      return "id not found";
    case KeyPairErrc::duplicate:
      return "duplicate";
    case KeyPairErrc::bad_format:
      return "bad format";
    case KeyPairErrc::too_many:
      return "too many";
  }
  return "unknown";
}

std::string_view to_string(GroupErrc e) {
  switch (e) {
    case GroupErrc::not_found:
      return "not found";
    case GroupErrc::malformed_id:
      return "malformed id";
    case GroupErrc::duplicate:
      return "duplicate";
    case GroupErrc::reserved_name:
      return "reserved name";
    case GroupErrc::cannot_delete_default:
      return "cannot delete default";
    case GroupErrc::in_use:
      return "in use";
    case GroupErrc::bad_rule:
      return "bad rule";
    case GroupErrc::duplicate_rule:
      return "duplicate rule";
    case GroupErrc::rule_not_found:
      return "rule not found";
    case GroupErrc::rule_id_not_found:
      return "rule id not found";
    case GroupErrc::too_many_groups:
      return "too many groups";
    case GroupErrc::too_many_rules:
      return "too many rules";
    case GroupErrc::vpc_not_found:
      return "vpc not found";
  }
  return "unknown";
}

std::string_view to_string(ZoneErrc e) {
  switch (e) {
    case ZoneErrc::not_found:
      return "not found";
    case ZoneErrc::region_not_found:
      return "region not found";
  }
  return "unknown";
}

std::string_view to_string(ServiceErrc e) {
  switch (e) {
    case ServiceErrc::not_found:
      return "not found";
    case ServiceErrc::exists:
      return "exists";
    case ServiceErrc::bad_type:
      return "bad type";
    case ServiceErrc::in_use:
      return "in use";
    case ServiceErrc::bad_state:
      return "bad state";
  }
  return "unknown";
}

std::string_view to_string(IdentityErrc e) {
  switch (e) {
    case IdentityErrc::not_found:
      return "not found";
    case IdentityErrc::exists:
      return "exists";
    case IdentityErrc::conflict:
      return "conflict";
    case IdentityErrc::limit_exceeded:
      return "limit exceeded";
    case IdentityErrc::invalid_input:
      return "invalid input";
    case IdentityErrc::bad_certificate:
      return "bad certificate";
    case IdentityErrc::certificate_used:
      return "certificate used";
    case IdentityErrc::key_unknown:
      return "key unknown";
    case IdentityErrc::key_inactive:
      return "key inactive";
    case IdentityErrc::token_invalid:
      return "token invalid";
    case IdentityErrc::token_expired:
      return "token expired";
  }
  return "unknown";
}

std::string_view to_string(UserMessageErrc e) {
  switch (e) {
    case UserMessageErrc::malformed:
      return "soap message malformed";
    case UserMessageErrc::bad_signature:
      return "soap signature bad";
    case UserMessageErrc::unknown_signer:
      return "soap signer unknown";
    case UserMessageErrc::expired:
      return "soap message expired";
    case UserMessageErrc::replayed:
      return "soap message replayed";
    case UserMessageErrc::too_many:
      return "soap messages too many";
  }
  return "unknown";
}

}  // namespace angophora::clc
