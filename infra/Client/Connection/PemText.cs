using Broker.Contracts;

namespace Broker.Connection;

/// <summary>A PEM setting: the path of a file, or its text.</summary>
internal static class PemText
{
    /// <param name="value">The setting.</param>
    /// <param name="setting">What the message calls it: where it was set.</param>
    /// <exception cref="InvalidConfigurationException">The file cannot be read.</exception>
    public static string Read(string value, string setting)
    {
        if (value.Contains("-----BEGIN", StringComparison.Ordinal))
            return value;
        try
        {
            return File.ReadAllText(value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidConfigurationException($"{setting} is no PEM file that can be read: {e.Message}", e);
        }
    }
}
