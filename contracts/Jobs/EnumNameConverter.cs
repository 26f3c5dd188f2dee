using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Contracts;

/// <summary>
/// Enums by name. A converter in the options would override the attribute on an enum that names a converter of its own: those enums
/// are left alone.
/// </summary>
internal sealed class EnumNameConverter : JsonConverterFactory
{
    private readonly JsonStringEnumConverter _names = new();

    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum && !typeToConvert.IsDefined(typeof(JsonConverterAttribute), inherit: false);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) => _names.CreateConverter(typeToConvert, options);
}
