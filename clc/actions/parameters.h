// The parameters of a query request as a tree: "Filter.1.Value.2" is Filter → 1 → Value → 2.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace angophora::clc {

using common::Error;
using common::Result;
using common::Task;

class Parameters {
 public:
  // Numbers in their order, before names.
  struct Order {
    bool operator()(const std::string& a, const std::string& b) const;
  };
  struct Node {
    std::string path;  // as sent, from the root
    std::optional<std::string> value;
    std::map<std::string, Node, Order> children;
    std::string canonical;  // on the root only: the whole request as one text, for ClientToken

    std::string path_of(std::string_view child) const;
  };

  // What belongs to protocol and signature (Action, Version, Signature, X-Amz-... ) and DryRun is
  // left out. RequestErrc for a name given twice, a name with an empty part or too many parts.
  static Result<Parameters> parse(std::vector<std::pair<std::string, std::string>> pairs);

  Node& root() { return root_; }
  const Node& root() const { return root_; }
  bool dry_run() const { return dry_run_; }

 private:
  Node root_;
  bool dry_run_ = false;
};

}  // namespace angophora::clc
