// Answers and failures in the envelope of their protocol.
#pragma once

#include <string>

#include "clc/actions/action.h"
#include "clc/http/wire_errors.h"

namespace angophora::clc {

// What the envelope needs to know of a request.
struct EnvelopeContext {
  Api api = Api::ec2;
  std::string action;   // "" when there was none
  std::string version;  // as sent; the namespace of EC2's answers
  std::string request_id;
  bool is_soap = false;
};

std::string render_reply(const EnvelopeContext& context, const Reply& reply);
std::string render_fault(const EnvelopeContext& context, const WireFault& fault);
// The status that a fault travels with: SOAP 1.1 knows 500 alone.
int status_of(const EnvelopeContext& context, const WireFault& fault);
// For clients of AWS' JSON protocols.
std::string render_json_fault(const WireFault& fault);
// What S3 clients read.
std::string render_s3_redirect(const std::string& endpoint, const std::string& request_id);

}  // namespace angophora::clc
