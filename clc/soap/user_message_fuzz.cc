// What strangers may post to the SOAP door: the verifier on any bytes, and the way from a message
// to parameters on what it would have let through.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "clc/actions/action_table.h"
#include "clc/soap/soap_parameters.h"
#include "clc/soap/user_message.h"

namespace {
using namespace angophora;
using namespace angophora::clc;

// A certificate that signed nothing of this.
const crypto::Certificate& somebodys_certificate() {
  static const auto kCertificate = [] {
    const auto key = crypto::PrivateKey::generate(1024).value();
    crypto::CertificateSubject subject;
    subject.common_name = "somebody";
    subject.serial = "1";
    return crypto::Certificate::self_signed(key, subject).value();
  }();
  return kCertificate;
}

void verify(std::string_view bytes) {
  const auto message = UserMessage::read(bytes);
  if (!message) {
    if (message.error().message.empty()) std::abort();
    return;
  }
  if (message.value().thumbprint().size() != 20) std::abort();
  if (message.value().verify(somebodys_certificate())) std::abort();
}

// Each message that is taken makes parameters that can be read.
void map(const Action& action, std::string_view bytes) {
  const auto message = xml::read(bytes);
  if (!message) return;
  auto pairs = query_of_message(action, message.value());
  if (!pairs) {
    if (pairs.error().message.empty()) std::abort();
    return;
  }
  for (const auto& [name, value] : pairs.value())
    if (name.empty() || name.find("..") != name.npos || name.back() == '.') std::abort();
  (void)Parameters::parse(std::move(pairs).value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto actions = all_actions();
  if (data[0] % 2 == 0)
    verify(bytes);
  else
    map(*actions[data[0] / 2 % actions.size()], bytes);
  return 0;
}
