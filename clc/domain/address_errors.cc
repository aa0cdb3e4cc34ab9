#include "clc/domain/address_errors.h"

namespace angophora::clc {

std::string_view to_string(AddressErrc e) {
  switch (e) {
    case AddressErrc::not_found:
      return "address not found";
    case AddressErrc::malformed:
      return "malformed address";
    case AddressErrc::allocation_not_found:
      return "allocation not found";
    case AddressErrc::association_not_found:
      return "association not found";
    case AddressErrc::interface_not_found:
      return "network interface not found";
    case AddressErrc::foreign:
      return "address of another account";
    case AddressErrc::in_use:
      return "address in use";
    case AddressErrc::already_associated:
      return "address already associated";
    case AddressErrc::limit_exceeded:
      return "address limit exceeded";
    case AddressErrc::insufficient_capacity:
      return "no free public address";
  }
  return "unknown address error";
}

}  // namespace angophora::clc
