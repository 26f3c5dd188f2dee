namespace Broker.Tests.Phrases;

/// <summary>A dependency of a handler DLL that the consumer does not have.</summary>
public static class Phrase
{
    public static string Reverse(string text) => string.Join(' ', text.Split(' ').Reverse());
}
