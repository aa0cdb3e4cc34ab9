#include "clc/soap/soap_parameters.h"

#include <algorithm>
#include <map>

namespace angophora::clc {
namespace {

using Form = MessageElement::Form;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// One message on its way to pairs.
class Reading {
 public:
  explicit Reading(std::string name_space) : space_(std::move(name_space)) {}

  Result<> members(const xml::Element& from, const std::vector<MessageElement>& known,
                   const std::string& element_path, const std::string& prefix) {
    TRY_VOID(check_container(from, element_path));
    for (const auto& child : from.children) {
      const auto path = element_path.empty() ? child.name : element_path + "/" + child.name;
      const auto found = std::find_if(known.begin(), known.end(),
                                      [&](const auto& m) { return m.element == child.name; });
      if (found == known.end() || child.name_space != space_)
        return Error(RequestErrc::unknown_parameter, "The element " + path + " is not recognized");
      TRY_VOID(read(child, *found, path, prefix));
    }
    return common::ok();
  }

  QueryPairs pairs;

 private:
  Error wrong(const std::string& path, std::string what) const {
    return Error(RequestErrc::invalid_value, "The element " + path + " " + std::move(what));
  }

  Result<> check_container(const xml::Element& element, const std::string& path) const {
    const auto shown = path.empty() ? element.name : path;
    if (!element.attributes.empty())
      return wrong(shown, "has an attribute " + element.attributes.front().name);
    if (!is_blank(element.text)) return wrong(shown, "has text where only elements may be");
    return common::ok();
  }

  Result<> read(const xml::Element& from, const MessageElement& as, const std::string& path,
                const std::string& prefix) {
    const bool is_empty = from.children.empty() && is_blank(from.text);
    switch (as.form) {
      case Form::value:
        return value(from, as, path, prefix + as.parameter);
      case Form::wrapped:
        return wrapped(from, as, path, prefix + as.parameter);
      case Form::structure:
        return members(from, as.members, path, prefix + as.parameter + ".");
      case Form::texts:
        return texts(from, as, path, prefix);
      case Form::structures:
        return structures(from, as, path, prefix + as.parameter);
      case Form::refused:
        // Clients send elements that hold nothing. One that does is refused by the action.
        if (!is_empty) pairs.emplace_back(prefix + as.parameter, "");
        return common::ok();
      case Form::empty:
        if (is_empty) return common::ok();
        return Error(RequestErrc::unsupported_parameter,
                     "The element " + path + " is not supported: the caller's account is meant");
      case Form::attribute:
        if (!is_empty || !from.attributes.empty()) return wrong(path, "is not empty");
        pairs.emplace_back(prefix + "Attribute", as.parameter);
        return common::ok();
    }
    return common::ok();
  }

  Result<> value(const xml::Element& from, const MessageElement& as, const std::string& path,
                 std::string parameter) {
    if (!from.attributes.empty())
      return wrong(path, "has an attribute " + from.attributes.front().name);
    if (!from.children.empty()) return wrong(path, "holds elements, not a text");
    const bool as_it_is = as.kind == ParamKind::text;
    pairs.emplace_back(std::move(parameter), as_it_is ? from.text : trimmed(from.text));
    return common::ok();
  }

  // <userData version="1.0" encoding="base64"><data>...</data></userData>, or the text alone.
  Result<> wrapped(const xml::Element& from, const MessageElement& as, const std::string& path,
                   std::string parameter) {
    for (const auto& attribute : from.attributes)
      if (!(attribute.name == "version" && attribute.value == "1.0") &&
          !(attribute.name == "encoding" && attribute.value == "base64"))
        return wrong(path, "has an attribute " + attribute.name);
    auto bare = from;
    bare.attributes.clear();
    if (from.children.empty()) return value(bare, as, path, std::move(parameter));
    const auto& leaf = from.children.front();
    if (from.children.size() != 1 || leaf.name != as.leaf || leaf.name_space != space_)
      return wrong(path, "does not hold exactly one " + as.leaf);
    TRY_VOID(check_container(bare, path));
    return value(leaf, as, path + "/" + as.leaf, std::move(parameter));
  }

  // The items of a list; anything else in it is refused.
  Result<> check_items(const xml::Element& from, const std::string& path) const {
    TRY_VOID(check_container(from, path));
    for (const auto& item : from.children) {
      if (item.name != "item" || item.name_space != space_)
        return Error(RequestErrc::unknown_parameter,
                     "The element " + path + "/" + item.name + " is not recognized");
      TRY_VOID(check_container(item, path + "/item"));
    }
    return common::ok();
  }

  // ec2-run-instances, and messages older than groups' ids, have names where the id belongs.
  static bool is_group_name_as_id(const xml::Element& leaf) {
    return leaf.name == "groupId" && !leaf.text.starts_with("sg-");
  }
  // Which of the lists that travel in one element has this leaf.
  static const MessageElement* list_of(const MessageElement& as, std::string_view leaf) {
    if (leaf == as.leaf) return &as;
    for (const auto& other : as.members)
      if (leaf == other.leaf) return &other;
    return nullptr;
  }

  Result<> texts(const xml::Element& from, const MessageElement& as, const std::string& path,
                 const std::string& prefix) {
    TRY_VOID(check_items(from, path));
    std::map<std::string, int> count;
    for (const auto& item : from.children) {
      if (item.children.size() != 1)
        return wrong(path + "/item", "does not hold exactly one element");
      const auto& leaf = item.children.front();
      const auto leaf_path = path + "/item/" + leaf.name;
      const auto* list = list_of(as, is_group_name_as_id(leaf) ? "groupName" : leaf.name);
      if (!list) list = list_of(as, leaf.name);
      if (!list || leaf.name_space != space_)
        return Error(RequestErrc::unknown_parameter,
                     "The element " + leaf_path + " is not recognized");
      const auto number = std::to_string(++count[list->parameter]);
      TRY_VOID(value(leaf, *list, leaf_path, prefix + list->parameter + "." + number));
    }
    return common::ok();
  }

  Result<> structures(const xml::Element& from, const MessageElement& as, const std::string& path,
                      const std::string& parameter) {
    TRY_VOID(check_items(from, path));
    int count = 0;
    for (const auto& item : from.children) {
      const auto before = pairs.size();
      const auto numbered = parameter + "." + std::to_string(++count) + ".";
      TRY_VOID(members(item, as.members, path + "/item", numbered));
      if (pairs.size() == before) return wrong(path + "/item", "is empty");
    }
    return common::ok();
  }

  std::string space_;
};

}  // namespace

Result<QueryPairs> query_of_message(const Action& action, const xml::Element& message) {
  Reading reading(message.name_space);
  TRY_VOID(
      reading.members(message, message_elements(action.name, action.run.parameters()), "", ""));
  return std::move(reading.pairs);
}

}  // namespace angophora::clc
