using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Broker.Contracts;

/// <summary>
/// Gives the parameters of a record struct the meaning that they have in a record class: required without a default value, else the
/// default value when left out. System.Text.Json ignores a struct's constructor unless it is marked with [JsonConstructor], so
/// <c>record struct Range(int From, int Step = 1)</c> would be read from <c>{}</c> as zeros.
/// </summary>
internal static class StructParameters
{
    public static void Apply(JsonTypeInfo type)
    {
        if (!type.Type.IsValueType || type.Kind != JsonTypeInfoKind.Object || type.CreateObject is null || SoleConstructor(type.Type) is not { } constructor)
            return;
        var pairs = constructor.GetParameters().Select(parameter => (Parameter: parameter, Property: PropertyOf(type, parameter))).ToList();
        // A constructor that does more than to set properties says nothing about what must be in the JSON.
        if (pairs.Exists(pair => pair.Property is null))
            return;
        foreach (var (parameter, property) in pairs)
            property!.IsRequired |= !parameter.HasDefaultValue;

        var defaults = pairs.Where(pair => pair.Parameter.HasDefaultValue && DefaultOf(pair.Parameter) is not null)
            .Select(pair => (pair.Property!.Set, Value: DefaultOf(pair.Parameter))).ToArray();
        if (defaults.Length > 0)
            type.CreateObject = () => Create(type.Type, defaults);
    }

    private static object Create(Type type, (Action<object, object?>? Set, object? Value)[] defaults)
    {
        var value = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var (set, initial) in defaults)
            set!(value, initial);
        return value;
    }

    // A parameterless constructor that is declared is the one that System.Text.Json calls.
    private static ConstructorInfo? SoleConstructor(Type type) =>
        type.GetConstructors() is [var sole] && sole.GetParameters().Length > 0 && !sole.IsDefined(typeof(JsonConstructorAttribute)) ? sole : null;

    private static JsonPropertyInfo? PropertyOf(JsonTypeInfo type, ParameterInfo parameter) => type.Properties.FirstOrDefault(property =>
        property.Set is not null
        && property.PropertyType == parameter.ParameterType
        && string.Equals((property.AttributeProvider as MemberInfo)?.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));

    // The metadata hold the default of a nullable enum as its number.
    private static object? DefaultOf(ParameterInfo parameter) =>
        parameter.DefaultValue is { } value && Nullable.GetUnderlyingType(parameter.ParameterType) is { IsEnum: true } type ? Enum.ToObject(type, value) : parameter.DefaultValue;
}
