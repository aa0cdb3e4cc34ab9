// The description of EC2's SOAP interface, made from the action table. Answers are described as far
// as every one has it: the request's id, then elements as the Query API has them.
#pragma once

#include <string>
#include <string_view>

namespace angophora::clc {

// `version` is a date such as 2016-11-15, the newest stands for anything else; `address` is the URL
// where messages are to be sent.
std::string ec2_wsdl(std::string_view version, std::string_view address);

}  // namespace angophora::clc
