using System.Text.Json.Serialization;

namespace Broker.Contracts.BuiltIn;

/// <summary>Waits, and returns the seconds it waited: for trying out concurrency, stopping and time limits.</summary>
/// <param name="Duration">Seconds as a number, or a text such as <c>"250ms"</c>.</param>
public sealed record Sleep([property: JsonConverter(typeof(DurationJsonConverter))] TimeSpan Duration) : IJob<double>
{
    public static string Kind => "sleep";
}
