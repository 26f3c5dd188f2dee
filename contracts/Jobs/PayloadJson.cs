using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Broker.Contracts;

/// <summary>
/// How args and results are written as JSON: camelCase, names read in any case, enums by name (numbers are read too), tuples as
/// <c>{"item1":..,"item2":..}</c>. A required parameter that is missing, and null where the type allows none, are errors.
/// </summary>
public static class PayloadJson
{
    private static readonly DefaultJsonTypeInfoResolver Reflection = new();

    public static JsonSerializerOptions Options { get; } = With(_ => { });

    /// <summary>
    /// Options of a program's own, which start from <see cref="Options"/>. Producers and consumers of a kind must use the same ones.
    /// Converters that <paramref name="change"/> adds take precedence over those of the broker. A resolver that it sets or adds, such as a
    /// source-generated context, is asked first; types unknown to it are resolved by reflection. A record struct in such a context needs
    /// <c>[method: JsonConstructor]</c> if its parameters are to be required or have default values.
    /// </summary>
    /// <returns>Read-only options, to be made once and shared: each instance holds a cache of its own.</returns>
    public static JsonSerializerOptions With(Action<JsonSerializerOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            RespectRequiredConstructorParameters = true,
            RespectNullableAnnotations = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = Reflection,
        };
        change(options);
        // The first converter and the first resolver that know a type win, so ours come last, wherever the caller added its own.
        options.Converters.Add(new EnumNameConverter());
        options.TypeInfoResolverChain.Remove(Reflection);
        options.TypeInfoResolverChain.Add(Reflection);
        options.TypeInfoResolver = options.TypeInfoResolver!.WithAddedModifier(TupleFields.Add).WithAddedModifier(StructParameters.Apply);
        options.MakeReadOnly();
        return options;
    }
}
