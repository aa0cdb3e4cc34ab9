#include "clc/clients/storage_client.h"

#include "common/soap/fault.h"

namespace angophora::clc {

bool is_definite_refusal(const common::Error& error) {
  using common::Errc;
  // What only the other side has a name for is its own judgement, and the name comes first.
  if (error.code == soap::SoapErrc::refused_by_peer) return !error.message.starts_with("busy");
  for (const auto errc : {Errc::invalid_argument, Errc::not_found, Errc::already_exists,
                          Errc::permission_denied, Errc::corrupt})
    if (error.code == errc) return true;
  return false;
}

}  // namespace angophora::clc
