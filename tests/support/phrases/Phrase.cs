namespace Broker.Tests.Phrases;

/// <summary>The dependency that a handler DLL brings along, and that the consumer does not know.</summary>
public static class Phrase
{
    public static string Reverse(string text) => string.Join(' ', text.Split(' ').Reverse());
}
