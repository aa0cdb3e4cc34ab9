// What an action takes, as values, for those who must know it without a request: the SOAP interface
// and its WSDL.
#pragma once

#include <string>
#include <vector>

namespace angophora::clc {

enum class Need { required, optional, refused };

enum class ParamKind { unknown, text, number, boolean, time, base64, structure };

struct ParamShape {
  std::string name;
  Need need = Need::optional;
  ParamKind kind = ParamKind::unknown;  // of a refused parameter nobody knows what it holds
  bool is_list = false;
  std::vector<std::string> values = {};  // of a text that can only be one of these
  std::vector<ParamShape> members = {};  // of a structure
};

}  // namespace angophora::clc
