using Microsoft.Extensions.Configuration;

namespace Broker.Logging.Export;

/// <summary>
/// OpenTelemetry's own variables, <c>OTEL_*</c>, with the meaning that its specification gives them. The SDK reads them from here, and only where
/// something is exported; other variables it does not see.
/// </summary>
public sealed class TelemetrySettings(IReadOnlyDictionary<string, string?> variables)
{
    /// <summary>Whether spans go to a collector: an endpoint is named for them.</summary>
    public bool Traces => Sends("TRACES");

    /// <summary>Whether metrics go to a collector.</summary>
    public bool Metrics => Sends("METRICS");

    /// <summary>All variables, for the SDK.</summary>
    internal IConfiguration Configuration => new ConfigurationBuilder().AddInMemoryCollection(variables.Where(variable => variable.Key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase))).Build();

    private bool Sends(string signal) =>
        !string.Equals(Value("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && (Value("OTEL_EXPORTER_OTLP_ENDPOINT") ?? Value($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")) is not null
        && Value($"OTEL_{signal}_EXPORTER") is null or "otlp";

    private string? Value(string name) => variables.GetValueOrDefault(name);
}
