using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Broker.Contracts;

/// <summary>
/// Lets value tuples travel. Their items are fields, which System.Text.Json skips: it writes <c>{}</c> and reads zeros, without an
/// error. IncludeFields would write the public fields of every other type as well.
/// </summary>
internal static class TupleFields
{
    public static void Add(JsonTypeInfo type)
    {
        // Where a caller's options do include fields, they are there already.
        if (!type.Type.IsValueType || type.Type.Namespace != nameof(System) || !type.Type.IsAssignableTo(typeof(ITuple))
            || type.Kind != JsonTypeInfoKind.Object || type.Properties.Count > 0)
            return;
        foreach (var field in type.Type.GetFields())
        {
            var property = type.CreateJsonPropertyInfo(field.FieldType, type.Options.PropertyNamingPolicy?.ConvertName(field.Name) ?? field.Name);
            property.Get = field.GetValue;
            property.Set = field.SetValue;
            property.IsRequired = true;
            type.Properties.Add(property);
        }
    }
}
